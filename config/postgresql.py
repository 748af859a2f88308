"""A PostgreSQL connection that does not wait for ever for a server that says nothing."""

import time
from collections.abc import Generator
from typing import Any, ClassVar, Self, TypeVar

import psycopg
from psycopg.errors import _WaitTimeout

from base.dependencies import DATABASE

T = TypeVar("T")

SUSPECTED = 1.0  # seconds


class BoundedConnection(psycopg.Connection[Any]):
    """Timeouts of the server's own need a server that is there, and those of TCP a network that tells. A proxy that
    hangs, or a host that is frozen, acknowledges every packet and answers none. Where one connection has been given up
    for that, others that have not answered since are given up soon: a pool of them would take a minute otherwise."""

    # Seconds for one answer; None for as long as it takes. Set where pages and sockets are served.
    deadline: ClassVar[float | None] = None
    silent_since: ClassVar[float] = float("-inf")
    answered: float = float("-inf")

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Self:
        """Connect, and say why that failed: the pool goes on trying, and who waits for it hears of a timeout."""
        try:
            return super().connect(*args, **kwargs)
        except psycopg.OperationalError as error:
            DATABASE.failed(error)
            raise

    def wait(
        self,
        gen: "Generator[int, int, T]",
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> T:
        if timeout or not self.deadline:
            return super().wait(gen, interval, timeout)  # type: ignore[arg-type]
        asked = time.monotonic()
        limit = SUSPECTED if self.answered < self.silent_since else self.deadline
        try:
            answer = super().wait(gen, interval, limit)  # type: ignore[arg-type]
        except _WaitTimeout as error:
            self.pgconn.finish()
            BoundedConnection.silent_since = max(asked, self.silent_since)
            gave_up = psycopg.OperationalError(f"no answer within {limit:g} s, given up")
            DATABASE.failed(gave_up)
            raise gave_up from error
        self.answered = time.monotonic()
        return answer
