"""A burst of news about one thing, in a few words: who, and how many. Pure."""

from collections.abc import Iterable

from events.telling import Names, listed


def who_and_how_many(newest_first: Iterable[int], names: Names) -> str:
    """Write `Bob Meyer`, `Bob Meyer and Carol Novak` or `Bob Meyer and 2 others, 14 changes` of the ids of those who
    did something: whoever did it last comes first. The number is said where it is more than one for each. Empty for
    nothing."""
    deeds = list(newest_first)
    people = [names.get(actor_id, "") for actor_id in dict.fromkeys(deeds)]
    if not people:
        return ""
    who = listed(people) if len(people) < 3 else f"{people[0]} and {len(people) - 1} others"
    return who if len(deeds) == len(people) else f"{who}, {len(deeds)} changes"
