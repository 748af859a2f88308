"""Whom a change of an organization or its members concerns, and why. Pure."""

from collections.abc import Iterable

from events.facts import Fact
from events.subjects import OwnReason
from membership import facts
from membership.state import MANAGERS, Roles

# Of rights even somebody learns who muted the organization.
ABOUT_YOU = OwnReason(
    "about_you",
    "about you",
    "is the person it is about",
    direct=True,
    kind="memberships",
    of_reader="it is about you",
)
RIGHTS = OwnReason(
    "rights",
    "rights of a member",
    "looks after rights",
    direct=True,
    kind="memberships",
    of_reader="you look after rights here",
)
MANAGER = OwnReason(
    "manager", "managing members", "manages the members", of_reader="you manage the members here"
)
OWN_REASONS = (ABOUT_YOU, RIGHTS, MANAGER)


def participants(fact: Fact, before: Roles | None, after: Roles, watchers: Iterable[int]) -> dict[int, str]:
    """Find who takes part: user id -> the code of the strongest reason, by the roles once the fact holds. The
    actor may be among them."""
    if fact.quiet:
        return {}
    is_of_rights = isinstance(fact, facts.RoleChanged | facts.MemberRemoved)
    why = RIGHTS if is_of_rights else MANAGER
    reasons = {user_id: why.code for user_id, role in after.items() if role in MANAGERS}
    if isinstance(fact, facts.MemberJoined | facts.RoleChanged):
        reasons[fact.user_id] = ABOUT_YOU.code
    return reasons
