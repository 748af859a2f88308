"""A burst of news about one thing, in a few words: who, and how many. Pure."""

from collections.abc import Iterable
from typing import Any, Protocol

from events.telling import listed


class Deed(Protocol):
    """What is read of an event."""

    actor_id: int
    actor: Any  # has a `display_name`


def who_and_how_many(newest_first: Iterable[Deed]) -> str:
    """Write `Bob Meyer`, `Bob Meyer and Carol Novak` or `Bob Meyer and 2 others, 14 changes`: who did something last
    comes first. The number is said where it is more than one for each. Empty for nothing."""
    deeds = list(newest_first)
    names = list({deed.actor_id: deed.actor.display_name for deed in deeds}.values())
    if not names:
        return ""
    who = listed(names) if len(names) < 3 else f"{names[0]} and {len(names) - 1} others"
    return who if len(deeds) == len(names) else f"{who}, {len(deeds)} changes"
