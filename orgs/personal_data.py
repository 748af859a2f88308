"""What each app keeps of a person: how they are told it when they ask, and how it goes when they are forgotten. Apps
register what is theirs when they start."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from orgs.models import User

Rows = Iterable[dict[str, Any]]  # of values that JSON has, and moments


class Kept(NamedTuple):
    """`tell` gives the rows of it, read while they are taken. `forget` runs in the transaction that forgets the person,
    in the order in which the apps started; None where the rows stay, or go with others."""

    name: str
    tell: Callable[[User], Rows]
    forget: Callable[[User], None] | None


_kept: dict[str, Kept] = {}


def register(name: str, tell: Callable[[User], Rows], forget: Callable[[User], None] | None = None) -> None:
    """Add something that is kept. Under one name, the last counts."""
    _kept[name] = Kept(name, tell, forget)


def told(user: User) -> Iterator[tuple[str, Rows]]:
    """Give everything that is kept of the person, by name."""
    for kept in _kept.values():
        yield kept.name, kept.tell(user)


def forget(user: User) -> None:
    """Erase what goes with the person, whose name and addresses still stand. Twice is harmless."""
    for kept in _kept.values():
        if kept.forget:
            kept.forget(user)
