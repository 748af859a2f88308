"""Redis on two machines, and three Sentinels that make the replica the master when two of them miss it."""

from typing import Any

from redis import Redis as Client
from redis import RedisError

from servers.cluster.machine import Machine, Unit
from servers.cluster.passwords import Passwords

NAME = "carillon"  # of the master, to the Sentinels


def add_redis(machine: Machine, first: Machine, passwords: Passwords) -> None:
    """Have it follow `first`, the master until the Sentinels say otherwise; they rewrite the file."""
    replica_of = "" if machine is first else f"replicaof {first.address} 6379"
    values = passwords.values() | {
        "address": machine.address,
        "folder": str(machine.folder),
        "replica_of": replica_of,
    }
    path = machine.write("redis.conf", values)
    machine.units.append(Unit("redis", ["/usr/bin/redis-server", str(path)]))


def add_sentinel(machine: Machine, first: Machine, passwords: Passwords) -> None:
    values = passwords.values() | {
        "address": machine.address,
        "redis_master": first.address,
        "folder": str(machine.folder),
    }
    path = machine.write("sentinel.conf", values)
    machine.units.append(Unit("sentinel", ["/usr/bin/redis-sentinel", str(path)]))


class Hints:
    """Redis, seen from outside: `machines` have it, `sentinels` watch it."""

    def __init__(self, machines: list[Machine], sentinels: list[Machine], passwords: Passwords) -> None:
        self.machines, self.sentinels, self.passwords = machines, sentinels, passwords

    @property
    def url(self) -> str:
        hosts = ",".join(f"{machine.address}:26379" for machine in self.sentinels)
        words = f"sentinel_password={self.passwords.sentinel}"
        return f"redis+sentinel://:{self.passwords.redis}@{hosts}/{NAME}/0?{words}"

    def master(self) -> Machine | None:
        """Find the machine whose Redis takes writes; None while there is none."""
        return next((each for each in self.machines if self._role(each)[:1] == [b"master"]), None)

    def is_whole(self) -> bool:
        """Say whether there is one master, and its replica follows."""
        roles = [self._role(machine) for machine in self.machines]
        masters = [role for role in roles if role[:1] == [b"master"]]
        return len(masters) == 1 and len(masters[0][2]) == len(self.machines) - 1

    def _role(self, machine: Machine) -> list[Any]:
        """Ask Redis there what it is; empty while it says nothing."""
        try:
            with Client(machine.address, password=self.passwords.redis, socket_timeout=1) as client:
                return list(client.role())
        except RedisError:
            return []
