"""Clients that ask for a large replay: once over HTTP, to its end, and again and again over sockets."""

import json
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from bench.faults.meanwhile import Meanwhile
from servers import UvicornServer

PATIENCE = 60.0  # seconds for one answer


class Catcher(threading.Thread):
    """Reads a twin from a cursor to the head, answer after answer."""

    def __init__(self, server: UvicornServer, twin: str, cookie: str, after: str) -> None:
        super().__init__(daemon=True)
        self._server, self._twin, self._cookie, self._after = server, twin, cookie, after
        self.positions: list[int] = []
        self.largest = 0  # bytes of an answer
        self.told_to_wait = 0

    def run(self) -> None:
        more = True
        while more:
            status, body = self._answer()
            if status == 429:
                self.told_to_wait += 1
                time.sleep(1)
            elif status == 200:
                self.largest = max(self.largest, len(body))
                found = json.loads(body)
                self.positions += [item["position"] for item in found["items"]]
                self._after, more = found["cursor"], found.get("more", False)
            else:
                return

    def _answer(self) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self._server.port, timeout=PATIENCE)
        try:
            connection.request("GET", f"{self._twin}?after={self._after}", headers={"Cookie": self._cookie})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException):
            return 0, b""
        finally:
            connection.close()


class Knocker(Meanwhile):
    """Opens a socket, waits for its welcome, leaves, and comes again: at once, or after a pause."""

    def __init__(
        self, server: UvicornServer, path: str, cookie: str, after: str = "", pause: float = 0
    ) -> None:
        super().__init__()
        self._server, self._cookie = server, cookie
        self._url = f"{server.ws_url}{path}" + (f"?after={after}" if after else "")
        self._pause = pause
        self.waits: list[float] = []  # seconds until each welcome

    def run(self) -> None:
        while not self._leave.wait(self._pause):
            began = time.monotonic()
            with suppress(OSError, WebSocketException), self._connection() as socket:
                socket.recv(timeout=PATIENCE)
                self.waits.append(time.monotonic() - began)

    def _connection(self) -> ClientConnection:
        return connect(
            self._url,
            origin=Origin(self._server.base_url),
            additional_headers={"Cookie": self._cookie},
            open_timeout=PATIENCE,
            close_timeout=0.1,
            max_size=None,
        )
