"""A PostgreSQL connection that does not wait for ever for a server that says nothing."""

import time
from collections.abc import Generator
from typing import Any, ClassVar, Self, TypeVar

import psycopg
from psycopg.errors import _WaitTimeout

from base.dependencies import DATABASE, REPLICA, REPLICA_ALIAS, Dependency

T = TypeVar("T")

SUSPECTED = 1.0  # seconds
REPLICA_LIMITS = {  # milliseconds
    "statement_timeout": 2_000,
    "lock_timeout": 2_000,
    "idle_in_transaction_session_timeout": 15_000,
}


class BoundedConnection(psycopg.Connection[Any]):
    """Timeouts of the server's own need a server that is there, and those of TCP a network that tells. A proxy that
    hangs, or a host that is frozen, acknowledges every packet and answers none. Where one connection has been given up
    for that, others that have not answered since are given up soon: a pool of them would take a minute otherwise."""

    # Seconds for one answer; None for as long as it takes. Set where pages and sockets are served.
    deadline: ClassVar[float | None] = None
    silent_since: ClassVar[float] = float("-inf")
    of: ClassVar[Dependency] = DATABASE
    answered: float = float("-inf")

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Self:
        """Connect, and say why that failed: the pool goes on trying, and who waits for it hears of a timeout."""
        try:
            return super().connect(*args, **kwargs)
        except psycopg.OperationalError as error:
            cls.of.failed(error)
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
            type(self).silent_since = max(asked, self.silent_since)
            gave_up = psycopg.OperationalError(f"no answer within {limit:g} s, given up")
            self.of.failed(gave_up)
            raise gave_up from error
        self.answered = time.monotonic()
        return answer


class ReplicaConnection(BoundedConnection):
    """What it does not answer soon, the primary is asked: there has to be time for that."""

    deadline = 3.0
    silent_since = float("-inf")
    of = REPLICA


def replica_of(primary: dict[str, Any], address: dict[str, Any]) -> dict[str, Any]:
    """Make what Django is told of a replica: as of the primary, but with a small pool and limits of its own. What the
    address says counts before these."""
    network = {name: value for name, value in primary["OPTIONS"].items() if name not in ("pool", "options")}
    said = dict(address.get("OPTIONS", {}))
    limits = {name: said.pop(name, limit) for name, limit in REPLICA_LIMITS.items()}
    options = [f"-c {name}={value}" for name, value in limits.items()]
    own = [*options, str(said.pop("options", "")), "-c default_transaction_read_only=on"]
    return (
        primary
        | address
        | {
            "OPTIONS": {
                **network,
                "connect_timeout": 2,
                **said,
                "options": " ".join(filter(None, own)),
                "pool": {
                    "connection_class": ReplicaConnection,
                    "min_size": 1,
                    "max_size": 6,
                    "timeout": 1,
                    "reconnect_timeout": 2,
                    "max_idle": 300,
                },
            },
            "TEST": {"MIRROR": "default"},
        }
    )


class ReplicaRouter:
    """Nothing is migrated or written there: models ask the primary, but where `base/replicas.py` says otherwise."""

    def allow_migrate(self, alias: str, *_: Any, **__: Any) -> bool | None:
        return False if alias == REPLICA_ALIAS else None
