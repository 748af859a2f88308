"""To which one organization what is being answered is limited, as by a token; `orgs.access` finds no other then."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_only: ContextVar[int | None] = ContextVar("only_organization", default=None)


def only_organization() -> int | None:
    """Give its id; None where all organizations of the user are within reach."""
    return _only.get()


def is_within_reach(organization_id: int) -> bool:
    return _only.get() in (None, organization_id)


@contextmanager
def limited_to(organization_id: int | None) -> Iterator[None]:
    before = _only.set(organization_id)
    try:
        yield
    finally:
        _only.reset(before)
