"""Lists in pages, each of which says where the next begins: rows that come meanwhile neither repeat nor hide any."""

from collections.abc import Iterable
from typing import Annotated, Generic, TypeVar

import msgspec

from api.parsing import Strict

Row = TypeVar("Row")

MOST = 100  # of a page
LARGEST_ID = 10**18 - 1

Id = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_ID)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST, description="How many to give at most.")]


class Page(msgspec.Struct, Generic[Row], kw_only=True):
    """A part of a list. `next` is the address of the part that follows, also in the header Link; null at the end."""

    items: list[Row]
    next: str | None


class AfterId(Strict):
    """A list by ids."""

    limit: Limit = 50
    after: Annotated[Id | None, msgspec.Meta(description="Begin after this one, as `next` says.")] = None


def cut(rows: Iterable[Row], limit: int) -> tuple[list[Row], bool]:
    """Keep a page of rows that were asked for with one more, and say whether there is more."""
    found = list(rows)
    return found[:limit], len(found) > limit
