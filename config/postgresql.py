"""A PostgreSQL connection that does not wait for ever for a server that says nothing."""

from collections.abc import Generator
from typing import Any, ClassVar, TypeVar

import psycopg
from psycopg.errors import _WaitTimeout

T = TypeVar("T")


class BoundedConnection(psycopg.Connection[Any]):
    """Timeouts of the server's own need a server that is there, and those of TCP a network that tells. A proxy that
    hangs, or a host that is frozen, acknowledges every packet and answers none."""

    # Seconds for one answer; None for as long as it takes. Set where pages and sockets are served.
    deadline: ClassVar[float | None] = None

    def wait(
        self,
        gen: "Generator[int, int, T]",
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> T:
        try:
            return super().wait(gen, interval, timeout or self.deadline)  # type: ignore[arg-type]
        except _WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {self.deadline:g} s, given up") from error
