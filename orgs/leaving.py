"""How a person leaves an organization, for whoever works below the app that keeps memberships: it says here how."""

from collections.abc import Callable

from orgs.models import Membership

_leave: list[Callable[[Membership], None]] = []


def register(leave: Callable[[Membership], None]) -> None:
    _leave[:] = [leave]


def leave(membership: Membership) -> None:
    """End it, as if its member had left, though it were the last owner. Its user and organization are loaded."""
    (registered,) = _leave
    registered(membership)
