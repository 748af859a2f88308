"""Why somebody was told of an event, or not, in words: to themselves, and of them to somebody else."""

from typing import NamedTuple

from events.models import TaskEvent
from inbox import reasons
from inbox.why import Answer, Cause, Held
from orgs.models import Membership

Level = Membership.Level


class Fields(NamedTuple):
    """What held then, a line each."""

    what: str
    held: str


def to_reader(answer: Answer) -> str:
    """Say it to the person themselves: `You were told because Carol mentioned you in it.`"""
    event, organization = answer.event, answer.event.organization.name
    match answer.cause:
        case Cause.OWN:
            return "You did it yourself, and nobody is told of what they did themselves."
        case Cause.QUIET:
            return "Nobody is told of such an event."
        case Cause.NO_MEMBER | Cause.NOT_RECORDED | Cause.CLOSED:
            return f"You were not a member of {organization} then."
    held, part = answer.held, _part_of_reader(event, answer.held)
    if answer.reason:
        because = reasons.of_reader(answer.reason, event.actor.display_name, organization)
        return f"You were told because {because}.{_whatever(answer, 'you', 'you choose', 'your')}"
    if held.is_muted:
        though = f", though {part}" if part else ""
        return f"You were not told{though}: you had muted it until you are mentioned or assigned."
    if part:
        return f"You were not told, though {part}: you {_chosen(held)} for {organization}."
    if held.level == Level.ALL:
        return "You were not told: this is told only to those whom it concerns."
    return f"You were not told: it did not concern you, and you {_chosen(held)} for {organization}."


def of_another(answer: Answer) -> str:
    """Say it of somebody: `Bob, who has the task, was told.`"""
    event, held, name = answer.event, answer.held, answer.user.display_name
    organization = event.organization.name
    match answer.cause:
        case Cause.OWN:
            return f"{name} did it, and nobody is told of what they did themselves."
        case Cause.QUIET:
            return "Nobody is told of such an event."
        case Cause.CLOSED:
            return f"The account of {name} is closed; nothing tells since when."
        case Cause.NO_MEMBER:
            return f"{name} was not a member of {organization} then."
        case Cause.NOT_RECORDED:
            return f"{name} is not a member of {organization}; nothing tells whether they were one then."
    if answer.reason:
        who = reasons.of_another(answer.reason, event.about.name)
        return f"{name}, who {who}, was told.{_whatever(answer, 'every member', 'they chose', 'their')}"
    who = f"{name}, who {reasons.of_another(held.part, event.about.name)}," if held.part else name
    if held.is_muted:
        return f"{who} was not told: they had muted it until they are mentioned or assigned."
    if held.part:
        return f"{who} was not told: they {_chosen(held)}."
    if held.level == Level.ALL:
        return f"{name} was not told: this is told only to those whom it concerns."
    return f"{name} was not told: it did not concern them, and they {_chosen(held)}."


def what_held(held: Held, about: str) -> list[Fields]:
    """List what decided, as it was when the event came."""
    return [
        Fields("Member", _member(held)),
        Fields("Had chosen", str(Level(held.level).label) if held.level in Level.values else "nothing"),
        Fields("Watched it", "yes" if held.is_watching else "no"),
        Fields("Had muted it", "yes" if held.is_muted else "no"),
        Fields("Took part", reasons.of_another(held.part, about) if held.part else "no"),
    ]


def verdict(answer: Answer, about: str) -> str:
    """Say whether the inbox has what the rule gives."""
    has = f"it has this event ({reasons.of_another(answer.row, about)})" if answer.row else ""
    if answer.is_beyond:
        return "The inbox does not have this event any more: what was read or done is not kept for so long."
    row = has or "it does not have this event"
    if answer.agrees is None:
        return f"Whether the inbox is right cannot be told: {row}."
    return f"The inbox {'agrees' if answer.agrees else 'differs'}: {row}."


def _whatever(answer: Answer, whom: str, choose: str, whose: str) -> str:
    """Add that no choice turns it off, and that it ended a mute."""
    if answer.reason not in reasons.direct():
        return ""
    ended = f" It ended {whose} mute of it." if answer.held.is_muted else ""
    return f" That reaches {whom}, whatever {choose}.{ended}"


def _part_of_reader(event: TaskEvent, held: Held) -> str:
    if not held.part:
        return ""
    return reasons.of_reader(held.part, event.actor.display_name, event.organization.name)


def _chosen(held: Held) -> str:
    known = held.level in Level.values
    return f"had chosen “{Level(held.level).label}”" if known else "had chosen nothing"


def _member(held: Held) -> str:
    role, is_recorded = held.standing
    if role is None:
        return "no" if is_recorded else "unknown: it was not recorded then"
    since = "" if is_recorded else ", since before memberships were recorded"
    return f"yes, as {Membership.Role(role).label}{since}"
