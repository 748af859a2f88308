"""Why somebody is told: the reasons that every subject has, and those that subjects bring (`events/subjects.py`)."""

from functools import cache

from events.subjects import SUBJECTS, OwnReason
from inbox.models import Reason

_OF_ANOTHER: dict[str, str] = {
    Reason.MENTIONED: "mentioned in it",
    Reason.ASSIGNED: "was given the {about}",
    Reason.UNASSIGNED: "had the {about} until then",
    Reason.ASSIGNEE: "has the {about}",
    Reason.CREATOR: "created the {about}",
    Reason.PARTICIPANT: "takes part",
    Reason.WATCHING: "watches the {about}",
    Reason.ORG: "follows everything",
}
_DIRECT = {Reason.MENTIONED, Reason.ASSIGNED}


@cache
def reasons() -> dict[str, OwnReason]:
    """All of them by their codes. To be asked once all apps are ready."""
    built_in = [
        OwnReason(reason.value, str(reason.label), _OF_ANOTHER[reason], reason in _DIRECT)
        for reason in Reason
    ]
    own = [reason for subject in SUBJECTS.values() for reason in subject.reasons]
    return {reason.code: reason for reason in [*built_in, *own]}


@cache
def direct() -> frozenset[str]:
    """What reaches even a member who muted the organization."""
    return frozenset(reason.code for reason in reasons().values() if reason.direct)


def why(code: str, about: str) -> str:
    """Say of somebody why they were told: `created the task`. A reason that does not exist stands as it is."""
    reason = reasons().get(code)
    return reason.of_another.format(about=about) if reason else code


def labels() -> dict[str, str]:
    """As an inbox says it of its owner."""
    return {reason.code: reason.label for reason in reasons().values()}
