"""Why somebody was told of an event, or was not: what held when it came, what the rule gives, and whether the inbox
agrees. `why_words` says it."""

from collections.abc import Callable
from enum import Enum, auto
from functools import reduce
from typing import NamedTuple

from events.log import load_past
from events.models import TaskEvent
from events.saves import last_of_save
from events.subjects import Participants, subject_of
from inbox import choices
from inbox.models import Notification
from inbox.news import News, news_of
from inbox.recipients import muted_by, reason_for
from inbox.retention import cleared_before
from orgs.models import Membership, User

Level = Membership.Level


class Standing(NamedTuple):
    """Of somebody in the event's organization, when the event came. Without a role they were no member."""

    role: str | None
    is_recorded: bool  # else they are, or are not, a member since before memberships were recorded


class Held(NamedTuple):
    """What decided. `part`: the code of the reason why it concerned them, None where it did not. `to_all`: whether
    whoever follows everything is told."""

    standing: Standing
    level: str
    is_watching: bool
    is_muted: bool
    part: str | None
    to_all: bool
    is_reached_watching: bool = False  # they watched what watchers hear of, and had a stronger reason


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
    """`event`: the one that it is told with. `reason`: the code of why they had to be told by the rule, None where they
    had not to be. `row`: what their inbox says. `agrees` is None where what held is not known well enough."""

    user: User
    event: TaskEvent
    held: Held
    cause: Cause
    reason: str | None
    row: str | None
    agrees: bool | None
    is_beyond: bool = False  # so old that a row of it may have been cleared


# Tells of an event and a user's id how they stood; the app that keeps memberships gives it.
_standing_of: list[Callable[[TaskEvent, int], Standing]] = []


def register(standing_of: Callable[[TaskEvent, int], Standing]) -> None:
    _standing_of[:] = [standing_of]


def why(event: TaskEvent, user: User) -> Answer:
    event = last_of_save(event)
    held = _held(event, user.pk)
    cause = _cause(event, user, held)
    reason = _reason(event, user.pk, held) if cause is Cause.RULE else None
    rows = Notification.objects.filter(recipient=user, event=event)
    row = rows.values_list("reason", flat=True).first()
    before = cleared_before() if row is None and reason is not None else None
    is_beyond = before is not None and event.created_at < before
    agrees = None if is_beyond or cause in UNKNOWN else reason == row
    return Answer(user, event, held, cause, reason, row, agrees, is_beyond)


def _held(event: TaskEvent, user_id: int) -> Held:
    (standing_of,) = _standing_of
    here = (event.organization_id, user_id, event.stream_id, event.position)
    is_watching = choices.was_watching(*here)
    news = _news(event, [user_id] if is_watching else [])
    return Held(
        standing_of(event, user_id),
        choices.level_at(event.organization_id, user_id, event.position),
        is_watching,
        choices.was_muted(*here),
        news.participants.get(user_id),
        news.to_all,
        user_id in news.watching,
    )


def _news(event: TaskEvent, watchers: list[int]) -> News:
    """Say whom the save concerned, as they were told: by what the stream says up to this event."""
    subject = subject_of(event)
    past = load_past(event.organization_id, event.stream_id, event.version)
    begins = len(past) - max(1, event.parts)
    state = reduce(subject.evolve, past[:begins], subject.begins(event.organization_id))
    return news_of(subject, state, past[begins:], watchers)[0]


def _cause(event: TaskEvent, user: User, held: Held) -> Cause:
    if user.pk == event.actor_id:
        return Cause.OWN
    if event.fact.quiet and held.part is None and not held.to_all:
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
        user_id,
        held.level,
        actor_id=event.actor_id,
        participants=told,
        to_all=held.to_all,
        watching=[user_id] if held.is_reached_watching else [],
    )
