"""The request that is being answered: its id, in the answer's X-Request-ID, in log lines and on the events that it
caused, and the token through which it came, on those events too. Empty outside a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Via:
    """The token through which something is done. The name is its maker's word, and may be forgotten with them: what is
    kept for ever is the public id. `is_logged`: whether some of it stands in a log."""

    public_id: str = ""
    name: str = ""
    is_logged: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.public_id})" if self.public_id else ""


DIRECTLY = Via()

_request_id: ContextVar[str] = ContextVar("request_id", default="")

_via: ContextVar[Via] = ContextVar("via", default=DIRECTLY)


def current_request_id() -> str:
    """Give the id of this request, at most 32 characters; empty outside one."""
    return _request_id.get()


@contextmanager
def request_context(request_id: str) -> Iterator[None]:
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def current_via() -> Via:
    """Give the token of this request; DIRECTLY where it came by a session, or there is none."""
    return _via.get()


def note_logged() -> None:
    """Note that what this request does stands in a log."""
    if (via := _via.get()) is not DIRECTLY:
        via.is_logged = True


@contextmanager
def through(via: Via) -> Iterator[None]:
    before = _via.set(via)
    try:
        yield
    finally:
        _via.reset(before)
