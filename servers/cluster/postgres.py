"""PostgreSQL under Patroni on two machines, and etcd on three, which says who is the primary."""

from pathlib import Path

import psycopg
from psycopg import sql

from servers.cluster.machine import Machine, Unit
from servers.cluster.network import SUBNET
from servers.cluster.passwords import Passwords

PROGRAMS = Path("/usr/lib/postgresql")
REST = 8008  # where Patroni says what its machine is
NAME = "carillon"  # of the database and of the role that the product signs in as
# A COMMIT that is stopped while it waits for the standby has been done all the same, on one machine alone: it must be
# able to wait for longer than a failover takes.
STATEMENT = 12  # seconds
LIMITS = {
    "statement_timeout": f"{STATEMENT}s",
    "lock_timeout": "4s",
    "idle_in_transaction_session_timeout": "15s",
}


def major() -> str:
    """Find the newest PostgreSQL of Debian's on this machine."""
    found = [path.parent.parent.name for path in PROGRAMS.glob("*/bin/postgres")]
    return max(found, key=int, default="15")


def add_etcd(machine: Machine, machines: list[Machine]) -> None:
    values = {
        "name": machine.name,
        "address": machine.address,
        "data": str(machine.folder / "etcd"),
        "members": ",".join(f"{each.name}=http://{each.address}:2380" for each in machines),
    }
    path = machine.write("etcd.yml", values)
    machine.units.append(Unit("etcd", ["/usr/bin/etcd", "--config-file", str(path)]))


def add_patroni(machine: Machine, etcd: list[Machine], passwords: Passwords) -> None:
    values = passwords.values() | {
        "name": machine.name,
        "address": machine.address,
        "etcd_hosts": ", ".join(f"{each.address}:2379" for each in etcd if each is not machine),
        "data": str(machine.folder / "data"),
        "folder": str(machine.folder),
        "major": major(),
        "network": f"{SUBNET}.0/24",
        "watchdog": "off",
    }
    path = machine.write("patroni.yml", values)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(machine.folder), "LC_ALL": "C.UTF-8"}
    machine.units.append(Unit("patroni", ["/usr/bin/patroni", str(path)], environment))


class Database:
    """The machines with PostgreSQL, seen from outside."""

    def __init__(self, machines: list[Machine], passwords: Passwords) -> None:
        self.machines, self.passwords = machines, passwords

    @property
    def hosts(self) -> str:
        return ",".join(f"{machine.address}:5432" for machine in self.machines)

    @property
    def url(self) -> str:
        """Give what leads to whichever of them is the primary."""
        words = f"target_session_attrs=read-write&statement_timeout={STATEMENT * 1000}"
        return f"postgres://{NAME}:{self.passwords.database}@{self.hosts}/{NAME}?{words}"

    def primary(self) -> Machine | None:
        """Find the machine that says so of itself; None while there is none."""
        return next((each for each in self.machines if each.status(REST, "/primary") == 200), None)

    def standby(self) -> Machine | None:
        """Find the synchronous standby; None while there is none."""
        return next((each for each in self.machines if each.status(REST, "/synchronous") == 200), None)

    def postmaster(self, machine: Machine) -> int:
        return int((machine.folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    def make_role(self) -> None:
        """Make the product's role with its limits, and its database."""
        primary = self.primary()
        assert primary, "a primary"
        with psycopg.connect(
            host=primary.address, user="postgres", password=self.passwords.superuser, autocommit=True
        ) as connection:
            role = sql.Identifier(NAME)
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(self.passwords.database))
            )
            for limit, value in LIMITS.items():
                connection.execute(
                    sql.SQL("ALTER ROLE {} SET {} = {}").format(
                        role, sql.Identifier(limit), sql.Literal(value)
                    )
                )
            connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(role))
