"""The floor as a system: it knows nothing of the product; frames come to it through Redis, as finished text."""

import sys
from http.client import HTTPConnection, HTTPException
from typing import Any

from bench.client import Dial
from bench.handshake import request
from bench.scribe import Event
from bench.systems.base import OnItsCore, System
from bench.systems.setting import Setting
from servers import ServerProcess
from servers.carillon import ROOT

CHANNEL = "bench-floor"


class FloorServer(OnItsCore, ServerProcess):
    name = "floor"

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting.directory)
        self.redis_url = setting.environment["REDIS_URL"]

    def command(self) -> list[str]:
        return [sys.executable, "-m", "bench.systems.floor", str(self.port), self.redis_url, CHANNEL]

    def popen_options(self) -> dict[str, Any]:
        return super().popen_options() | {"cwd": ROOT}

    def is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except HTTPException:
            return True  # an answer, if no HTTP
        except OSError:
            return False
        finally:
            connection.close()
        return True


class Floor(System):
    """A plain PUBLISH of the frame's text."""

    key, label = "floor", "bare epoll loop"

    def start(self) -> None:
        self.server = FloorServer(self.setting).start()

    def dial(self, size: int, sockets: int, window: int) -> Dial:
        return Dial(self.server.port, [request(self.server.port, "/")] * sockets, texts=0, window=window)

    def publish(self, event: Event) -> None:
        self.setting.redis.publish(CHANNEL, event.text)
