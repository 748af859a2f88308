"""Why somebody is told, strongest first: where several hold, the first one is given. Every subject has these, and may
bring more (`events/subjects.py`). Pure.
"""

from functools import cache

from events.subjects import SUBJECTS, OwnReason

MENTIONED = "mentioned"  # this very event mentions them
ASSIGNED = "assigned"  # this very event gives it to them
UNASSIGNED = "unassigned"  # this very event takes it from them
ASSIGNEE = "assignee"
CREATOR = "creator"
PARTICIPANT = "participant"  # commented, or was mentioned earlier
WATCHING = "watching"
ORG = "org"

BUILT_IN = (
    OwnReason(
        MENTIONED, "mentioned", "was mentioned in it", direct=True, of_reader="{actor} mentioned you in it"
    ),
    OwnReason(
        ASSIGNED,
        "assigned to you",
        "was assigned the {about}",
        direct=True,
        of_reader="{actor} assigned it to you",
    ),
    OwnReason(
        UNASSIGNED,
        "no longer assigned to you",
        "was assigned the {about} until then",
        of_reader="it was assigned to you until then",
    ),
    OwnReason(
        ASSIGNEE,
        "you are assigned",
        "is assigned the {about}",
        of_reader="it was assigned to you",
        now="it is assigned to you",
    ),
    OwnReason(
        CREATOR, "you created it", "created the {about}", of_reader="you created it", now="you created it"
    ),
    OwnReason(
        PARTICIPANT, "you take part", "takes part", of_reader="you took part in it", now="you take part in it"
    ),
    OwnReason(WATCHING, "watching", "watches the {about}", of_reader="you watched it", now="you watch it"),
    OwnReason(
        ORG,
        "everything",
        "follows everything",
        of_reader="you followed everything in {organization}",
        now="you follow everything in {organization}",
    ),
)


@cache
def reasons() -> dict[str, OwnReason]:
    """List all of them by their codes. To be asked once all apps are ready."""
    own = [reason for subject in SUBJECTS.values() for reason in subject.reasons]
    return {reason.code: reason for reason in [*BUILT_IN, *own]}


def strength(code: str) -> int:
    """Say how strong it is, for sorting: the strongest first, and what does not exist last."""
    return _strengths().get(code, len(_strengths()))


@cache
def _strengths() -> dict[str, int]:
    """Rank them: what reaches everybody is the strongest, and a subject's own reasons are stronger than those that
    every subject has."""
    built_in = {reason.code for reason in BUILT_IN}
    ranked = sorted(reasons().values(), key=lambda reason: (not reason.direct, reason.code in built_in))
    return {reason.code: rank for rank, reason in enumerate(ranked)}


def by_strength() -> list[str]:
    """List the codes, the strongest first."""
    return list(_strengths())


@cache
def direct() -> frozenset[str]:
    """Name what reaches even a member who muted the organization."""
    return frozenset(reason.code for reason in reasons().values() if reason.direct)


def of_another(code: str, about: str) -> str:
    """Say of somebody why they were told: `created the task`. A reason that does not exist stands as it is."""
    reason = reasons().get(code)
    return reason.of_another.format(about=about) if reason else code


def label_in(code: str, organization: str) -> str:
    """Say it as an inbox says it of its owner, of an event in the organization with this name. A reason that does not
    exist stands as it is."""
    reason = reasons().get(code)
    label = reason.label if reason else code
    return f"{label} in {organization}" if code == ORG else label


def of_reader(code: str, actor: str, organization: str) -> str:
    """Say to its reader why an event is told: `Carol mentioned you in it`."""
    reason = reasons().get(code)
    words = (reason.of_reader or reason.label) if reason else code
    return words.format(actor=actor, organization=organization)


def of_reader_now(code: str, organization: str) -> str:
    """Say to its reader why they would be told now: `you watch it`."""
    return reasons()[code].now.format(organization=organization)


def labels() -> dict[str, str]:
    """Say each as an inbox says it of its owner."""
    return {reason.code: reason.label for reason in reasons().values()}
