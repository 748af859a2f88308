"""All machines of the cluster together: what stands on which, brought up in order and taken down again."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from servers.cluster import hosts, network
from servers.cluster.machine import Machine
from servers.cluster.passwords import Passwords
from servers.cluster.postgres import Database, add_etcd, add_patroni
from servers.cluster.proxies import add_front, add_pgbouncer
from servers.cluster.redis import Hints, add_redis, add_sentinel

FOLLOWING = 2  # hosts on which somebody follows
START = 120.0  # seconds that each step of the start may take


class Cluster:
    """`settings` are further variables for the product. `say` is told of each step."""

    def __init__(
        self,
        directory: Path,
        applications: int = 3,
        workers: int = 2,
        settings: dict[str, str] | None = None,
        say: Callable[[str], None] = lambda words: None,
    ) -> None:
        network.raise_bridge()
        self.folder, self.say, self.passwords = directory, say, Passwords()
        self.edge = Machine(directory, "edge", 10)
        self.applications = [Machine(directory, f"app{n + 1}", 11 + n) for n in range(applications)]
        self.databases = [Machine(directory, f"db{n + 1}", 21 + n) for n in range(2)]
        self.witness = Machine(directory, "witness", 31)
        self.voters = [*self.databases, self.witness]
        self.machines = [*self.voters, *self.applications, self.edge]
        self.database = Database(self.databases, self.passwords)
        self.hints = Hints(self.databases, self.voters, self.passwords)
        self.environment = self._environment() | (settings or {})
        self._place_voters()
        self._place_product(workers)

    def _environment(self) -> dict[str, str]:
        """Give what the product is told; the database's address is that of no host of its own."""
        return {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.hints.url,
            "SECRET_KEY": self.passwords.secret_key,
            "ALLOWED_HOSTS": ",".join(machine.address for machine in [self.edge, *self.applications]),
            "FORWARDED_ALLOW_IPS": self.edge.address,
            "SITE_URL": self.url,
            "HTTPS": "0",
            "DEBUG": "0",
            "STAFF_SECOND_FACTOR": "0",
            "PYTHONUNBUFFERED": "1",
        }

    def own_environment(self) -> dict[str, str]:
        """Give that of a command that runs outside."""
        return dict(os.environ) | self.environment

    @property
    def url(self) -> str:
        return f"http://{self.edge.address}:8000"

    def _place_voters(self) -> None:
        first = self.databases[0]
        for machine in self.voters:
            add_etcd(machine, self.voters)
        for machine in self.databases:
            add_patroni(machine, self.voters, self.passwords)
            add_redis(machine, first, self.passwords)
        for machine in self.voters:
            add_sentinel(machine, first, self.passwords)

    def _place_product(self, workers: int) -> None:
        """Give all hosts but the last PgBouncer; the last asks PostgreSQL itself, by an address with both machines."""
        for number, machine in enumerate(self.applications):
            environment = dict(self.environment)
            if number + 1 < len(self.applications):
                environment["DATABASE_URL"] = add_pgbouncer(machine, self.databases, self.passwords)
            hosts.add_product(machine, environment, workers, follows=number < FOLLOWING)
        add_front(self.edge, self.applications)

    # --- Up and down ---------------------------------------------------------------------------------------

    def start(self) -> Self:
        for machine in self.voters:
            machine.boot()
        self._await(lambda: self.database.standby() is not None, "a primary and a synchronous standby")
        self._await(self.hints.is_whole, "a Redis with its replica")
        self.database.make_role()
        self.say("the product's tables")
        hosts.manage(self.own_environment(), "migrate", "--verbosity", "0")
        for machine in [*self.applications, self.edge]:
            machine.boot()
        self._await(self.serves, f"{len(self.applications)} hosts behind HAProxy")
        return self

    def serves(self) -> bool:
        return all(hosts.serves(machine) for machine in [*self.applications, self.edge])

    def is_whole(self) -> bool:
        """Say whether everything is up: a primary, a standby, Redis and its replica, all hosts."""
        return self.database.standby() is not None and self.hints.is_whole() and self.serves()

    def _await(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for it. Raises TimeoutError with the folder of the logs."""
        self.say(what)
        deadline = time.monotonic() + START
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"there is no {what} after {START:g} s; see {self.folder}")
            time.sleep(0.2)

    def stop(self) -> None:
        """Let the product stop in order; the rest has nothing to keep."""
        for machine in self.applications:
            machine.shut_down()
        for machine in self.applications:
            machine.await_shut_down()
        for machine in self.machines:
            machine.power_off()
        network.tidy()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()
