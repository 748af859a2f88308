"""Why somebody was told of an event, or was not: what held when it came, what the rule gives, and whether the inbox
agrees. `why_words` says it."""

from collections.abc import Callable
from enum import Enum, auto
from typing import NamedTuple

from events.log import load_past
from events.models import TaskEvent
from events.subjects import Participants, subject_of
from inbox import choices
from inbox.models import Notification
from inbox.recipients import muted_by, reason_for
from orgs.models import Membership, User

Level = Membership.Level


class Standing(NamedTuple):
    """Of somebody in the event's organization, when the event came. Without a role they were no member."""

    role: str | None
    is_recorded: bool  # else they are, or are not, a member since before memberships were recorded


class Held(NamedTuple):
    """What decided. `part`: the code of the reason why it concerned them, None where it did not."""

    standing: Standing
    level: str
    is_watching: bool
    is_muted: bool
    part: str | None


class Cause(Enum):
    """What the answer stands on, by rank: the first that holds decides."""

    OWN = auto()
    QUIET = auto()
    CLOSED = auto()
    NO_MEMBER = auto()
    NOT_RECORDED = auto()
    RULE = auto()


UNKNOWN = (Cause.CLOSED, Cause.NOT_RECORDED)  # nothing tells what held


class Answer(NamedTuple):
    """`reason`: the code of why they had to be told by the rule, None where they had not to be. `row`: what their inbox
    says. `agrees` is None where what held is not known well enough."""

    user: User
    held: Held
    cause: Cause
    reason: str | None
    row: str | None
    agrees: bool | None


# Tells of an event and a user's id how they stood; the app that keeps memberships gives it.
_standing_of: list[Callable[[TaskEvent, int], Standing]] = []


def register(standing_of: Callable[[TaskEvent, int], Standing]) -> None:
    _standing_of[:] = [standing_of]


def why(event: TaskEvent, user: User) -> Answer:
    held = _held(event, user.pk)
    cause = _cause(event, user, held)
    reason = _reason(event, user.pk, held) if cause is Cause.RULE else None
    rows = Notification.objects.filter(recipient=user, event=event)
    row = rows.values_list("reason", flat=True).first()
    return Answer(user, held, cause, reason, row, None if cause in UNKNOWN else reason == row)


def _held(event: TaskEvent, user_id: int) -> Held:
    (standing_of,) = _standing_of
    here = (event.organization_id, user_id, event.stream_id, event.position)
    is_watching = choices.was_watching(*here)
    return Held(
        standing_of(event, user_id),
        choices.level_at(event.organization_id, user_id, event.position),
        is_watching,
        choices.was_muted(*here),
        _participants(event, [user_id] if is_watching else []).get(user_id),
    )


def _participants(event: TaskEvent, watchers: list[int]) -> Participants:
    """Find who took part, as they were told: by what the stream says up to this event."""
    subject = subject_of(event)
    *past, newest = load_past(event.organization_id, event.stream_id, event.version)
    before = subject.begins(event.organization_id)
    for each in past:
        before = subject.evolve(before, each)
    return subject.participants(newest.fact, before, subject.evolve(before, newest), watchers)


def _cause(event: TaskEvent, user: User, held: Held) -> Cause:
    if user.pk == event.actor_id:
        return Cause.OWN
    if event.fact.quiet:
        return Cause.QUIET
    if not user.is_active:
        return Cause.CLOSED
    if held.standing.role is None:
        return Cause.NO_MEMBER if held.standing.is_recorded else Cause.NOT_RECORDED
    return Cause.RULE


def _reason(event: TaskEvent, user_id: int, held: Held) -> str | None:
    part: Participants = {user_id: held.part} if held.part else {}
    told = muted_by(part, [user_id] if held.is_muted else [])
    return reason_for(
        user_id, held.level, actor_id=event.actor_id, participants=told, to_all=event.fact.to_all
    )
