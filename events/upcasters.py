"""Reading what older releases wrote: an upcaster turns the details of one schema version into those of the next.

The log is never rewritten. An upcaster gets a dict and returns a new one; pure.
"""

from collections.abc import Callable
from typing import Any

Details = dict[str, Any]


def _unchanged(details: Details) -> Details:
    """The text of version 1 stands in the details themselves; version 2 can be read so too."""
    return details


def _described_1(details: Details) -> Details:
    """Version 1 repeated the old text in `from`, whoever had written it."""
    renamed = {"to": "description"}
    return {renamed.get(key, key): value for key, value in details.items() if key != "from"}


# (action, version that it reads) -> the details of the next version
UPCASTERS: dict[tuple[str, int], Callable[[Details], Details]] = {
    ("created", 1): _unchanged,
    ("described", 1): _described_1,
    ("commented", 1): _unchanged,
}


def upcast(action: str, version: int, current: int, details: Details) -> Details:
    """`details` of `version` as those of `current`. LookupError when a step is missing."""
    for step in range(version, current):
        details = UPCASTERS[action, step](details)
    return details
