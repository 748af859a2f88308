"""The id of the request that is being answered: in the answer's X-Request-ID, in log lines, and on the events that it
caused. Empty outside a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


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
