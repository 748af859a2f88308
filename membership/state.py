"""Who belongs to an organization, as facts change it. Pure.

A log may begin later than its organization: memberships from before have no events. So a fold begins with what is known
(`beginning`): the rows of today, of which everything that the log tells is taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from msgspec import Struct

from events.facts import Fact
from events.import_facts import LogImported
from events.subjects import Recorded
from membership import facts

Roles = Mapping[int, str]  # user id -> role

OWNER, MANAGERS = "owner", frozenset({"owner", "admin"})


class Account(Struct, frozen=True):
    user_id: int
    display_name: str


class OrganizationState(Struct, frozen=True, kw_only=True):
    """What the rules look at: of its members those who manage, and those of whom a command speaks."""

    name: str
    short_name: str
    roles: Roles = {}
    closed: frozenset[int] = frozenset()  # members whose accounts are closed
    named: Account | None = None  # whom a command names, or who accepts: an account that is open


def evolve(roles: Roles | None, event: Recorded) -> Roles:
    """Give the roles once the event holds. An action that this release does not know changes none."""
    if isinstance(event.fact, LogImported):
        return {}
    return _with(roles or {}, concerned(event), role_after(event.fact))


def beginning(today: Roles, events: Sequence[Recorded]) -> Roles:
    """Give the roles before the first of all these events, by those of today."""
    return reduce(_before, events[::-1], today)


def _before(roles: Roles, event: Recorded) -> Roles:
    if isinstance(event.fact, LogImported):
        return {each.user_id: each.role for each in event.fact.brought if each.role}
    return _with(roles, concerned(event), _role_before(event.fact))


def known(events: Iterable[Recorded]) -> dict[int, str | None]:
    """Give the role of everybody of whom these events speak, after them; None for no member any more."""
    told: dict[int, str | None] = {}
    for event in events:
        if isinstance(event.fact, LogImported):
            told = dict.fromkeys([*told, *(each.user_id for each in event.fact.brought if each.role)], None)
        elif (user_id := concerned(event)) is not None:
            told[user_id] = role_after(event.fact)
    return told


def concerned(event: Recorded) -> int | None:
    """Find the member whom the fact is about; None where it is about the organization."""
    if isinstance(event.fact, facts.MemberLeft):
        return event.actor_id
    return getattr(event.fact, "user_id", None)


def role_after(fact: Fact) -> str | None:
    """Give the role of the member concerned once the fact holds; None for no member any more."""
    match fact:
        case facts.MemberJoined(role=role) | facts.RoleChanged(after=role):
            return role
        case _:
            return None


def _role_before(fact: Fact) -> str | None:
    match fact:
        case facts.MemberLeft(role=role) | facts.MemberRemoved(role=role) | facts.RoleChanged(before=role):
            return role
        case _:
            return None


def _with(roles: Roles, user_id: int | None, role: str | None) -> Roles:
    if user_id is None:
        return roles
    others = {other: its for other, its in roles.items() if other != user_id}
    return others if role is None else {**others, user_id: role}
