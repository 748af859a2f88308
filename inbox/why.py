"""Why somebody was told of an event, or was not: what held when it came, the rule, and whether the inbox agrees."""

from collections.abc import Callable
from functools import reduce
from typing import NamedTuple

from events.log import load_past
from events.models import TaskEvent
from events.saves import last_of_save
from events.subjects import subject_of
from inbox import choices, reasons
from inbox.models import Notification
from inbox.news import News, news_of
from inbox.recipients import reason_for
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
    part: str | None
    to_all: bool


class Answer(NamedTuple):
    """`event`: the one that it is told with. `reason`: the code of why they had to be told by the rule, None where they
    had not to be. `row`: what their inbox says. `agrees` is None where what held is not known well enough."""

    user: User
    event: TaskEvent
    held: Held
    rule: str
    reason: str | None
    row: str | None
    agrees: bool | None


# Tells of an event and a user's id how they stood; the app that keeps memberships gives it.
_standing_of: list[Callable[[TaskEvent, int], Standing]] = []


def register(standing_of: Callable[[TaskEvent, int], Standing]) -> None:
    _standing_of[:] = [standing_of]


def why(event: TaskEvent, user: User) -> Answer:
    event = last_of_save(event)
    held = _held(event, user.pk)
    certain, rule, reason = _judge(event, user, held)
    rows = Notification.objects.filter(recipient=user, event=event)
    row = rows.values_list("reason", flat=True).first()
    return Answer(user, event, held, rule, reason, row, reason == row if certain else None)


def _held(event: TaskEvent, user_id: int) -> Held:
    (standing_of,) = _standing_of
    org_id = event.organization_id
    is_watching = choices.was_watching(org_id, user_id, event.stream_id, event.position)
    news = _news(event, [user_id] if is_watching else [])
    return Held(
        standing_of(event, user_id),
        choices.level_at(org_id, user_id, event.position),
        is_watching,
        news.participants.get(user_id),
        news.to_all,
    )


def _news(event: TaskEvent, watchers: list[int]) -> News:
    """Say whom the save concerned, as they were told: by what the stream says up to this event."""
    subject = subject_of(event)
    past = load_past(event.organization_id, event.stream_id, event.version)
    begins = len(past) - max(1, event.parts)
    state = reduce(subject.evolve, past[:begins], subject.begins(event.organization_id))
    return news_of(subject, state, past[begins:], watchers)[0]


def _judge(event: TaskEvent, user: User, held: Held) -> tuple[bool, str, str | None]:
    """Say whether it can be known, the rule in one sentence, and the code of the reason that it gives, None where it
    gives none."""
    name, organization = user.display_name, event.organization.name
    if user.pk == event.actor_id:
        return True, f"{name} did it, and nobody is told of what they did themselves.", None
    if event.fact.quiet and held.part is None and not held.to_all:
        return True, "Nobody is told of such an event.", None
    if not user.is_active:
        return False, f"The account of {name} is closed; nothing tells since when.", None
    if held.standing.role is None:
        if held.standing.is_recorded:
            return True, f"{name} was no member of {organization} then.", None
        return (
            False,
            f"{name} is no member of {organization}; nothing tells whether they were one then.",
            None,
        )
    part = {user.pk: held.part} if held.part else {}
    reason = reason_for(user.pk, held.level, actor_id=event.actor_id, participants=part, to_all=held.to_all)
    return True, _rule(event, name, held), reason


def _rule(event: TaskEvent, name: str, held: Held) -> str:
    chosen = f"had chosen “{Level(held.level).label}”" if held.level in Level.values else "had chosen nothing"
    if held.part:
        concerned = f"It concerned {name} ({reasons.of_another(held.part, event.about.name)})"
        if held.part in reasons.direct():
            return f"{concerned}, and that reaches every member, whatever they chose."
        return f"{concerned}, {'but' if held.level == Level.MUTED else 'and'} they {chosen}."
    if held.level == Level.ALL and held.to_all:
        return f"{name} {chosen}."
    if held.level == Level.ALL:
        return f"{name} {chosen}, but this is told only to whom it concerns."
    return f"{name} {chosen}, and it did not concern them."
