"""What the inbox's switches make of a membership's level, and a level of the switches. Pure."""

from collections.abc import Mapping

from orgs import levels
from preferences.kinds import Kind, Value

# What each level short of everything lets its member hear of, beside what singles them out.
_HEARD = {
    frozenset({Kind.MINE, Kind.WATCHED}): levels.PARTICIPATING,
    frozenset({Kind.MINE}): levels.MINE,
    frozenset({Kind.WATCHED}): levels.WATCHED,
    frozenset[Kind](): levels.MUTED,
}
SWITCHED = (Kind.MINE, Kind.WATCHED, Kind.EVERYTHING)


def level_of(switches: Mapping[Kind, Value]) -> str:
    """Find the level: everything has all the others in it."""
    if switches[Kind.EVERYTHING] == Value.ON:
        return levels.ALL
    return _HEARD[frozenset(kind for kind in (Kind.MINE, Kind.WATCHED) if switches[kind] == Value.ON)]


def switches_of(level: str) -> dict[Kind, Value]:
    """Say how its three switches stand."""
    heard = next((kinds for kinds, its in _HEARD.items() if its == level), frozenset(SWITCHED))
    return {kind: Value.ON if kind in heard else Value.OFF for kind in SWITCHED}
