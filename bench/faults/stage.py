"""What a run stands on: PostgreSQL, Redis, and the two systems whose servers it starts in pairs."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from redis import Redis as Client

from bench.naive.server import NaiveServer
from servers import Postgres, Redis, Relay, Standby, UvicornServer
from servers.mail import MailServer
from servers.redis import Watched

TRIES = 20  # starts of PostgreSQL after a kill


@dataclass(frozen=True)
class System:
    name: str
    server: Callable[..., UvicornServer]  # made of a directory, an environment and `descriptors`
    settings: str
    has_user_sockets: bool
    servers: int = 2
    clients: str = ""  # which of `bench.faults.crowd` come; those of its own name without


CARILLON = System("carillon", UvicornServer, "config.settings", has_user_sockets=True)
# The same product, heard over event streams.
STREAMED = System("carillon", UvicornServer, "config.settings", has_user_sockets=True, clients="streams")
# The same product on the other Redis layer.
ON_CORE = System("carillon", UvicornServer, "bench.faults.on_core", has_user_sockets=True)
# With mail in a hurry.
QUICK_MAIL = System("carillon", UvicornServer, "bench.faults.quick_mail", has_user_sockets=True)
NAIVE = System("naive", NaiveServer, "bench.naive.settings", has_user_sockets=False)


@dataclass(frozen=True)
class Stage:
    """`postgres` is None where it is not ours to kill. `environment` is for servers and writers, `of_servers` for the
    servers alone. A row that needs a standby, a relay between the
    servers and PostgreSQL, a mail server or zones of its own brings them.
    Without `is_on_redis` the product's hints go by PostgreSQL. `watched`: a Redis that Sentinels watch, for its row.
    `descriptors`: how many each server may have; None: as usual."""

    directory: Path
    environment: Mapping[str, str]
    redis: Redis
    postgres: Postgres | None
    of_servers: Mapping[str, str] = field(default_factory=dict)
    standby: Standby | None = None
    relay: Relay | None = None
    mail: MailServer | None = None
    is_on_redis: bool = True
    watched: Watched | None = None
    zones: Path | None = None
    descriptors: int | None = None

    def versions(self) -> str:
        with (
            Client.from_url(self.redis.url) as redis,
            psycopg.connect(self.environment["DATABASE_URL"]) as database,
        ):
            major = database.info.server_version // 10_000
            return f"PostgreSQL {major}, Redis {redis.info('server')['redis_version']}"

    def start_postgres(self) -> None:
        """After a kill. Its own processes notice on their own that their master is gone; until then a new one refuses
        the directory."""
        assert self.postgres, "a PostgreSQL of our own"
        for _ in range(TRIES):
            with suppress(AssertionError):
                self.postgres.start()
                return
        self.postgres.start()

    def mend(self) -> None:
        """After a row, whatever it did: both servers run."""
        if self.redis.is_running:
            self.redis.thaw()
        else:
            self.redis.start()
        if self.postgres and not self.postgres.is_running:
            self.start_postgres()
