"""A person's browser, for what a row does through pages, and for whether pages answer."""

import threading
import time
from http.client import HTTPConnection, HTTPException
from typing import Self
from urllib.parse import urlencode

from tests.servers import UvicornServer

LIMIT = 10.0  # seconds: who waits longer has gone
TOKEN = "a" * 32


def get(server: UvicornServer, path: str, cookie: str = "") -> int:
    """The status; 0 without an answer."""
    return _ask(server, "GET", path, cookie, None)


def submit(server: UvicornServer, path: str, cookie: str, **fields: str) -> int:
    """Send a form."""
    return _ask(server, "POST", path, f"{cookie}; csrftoken={TOKEN}", fields | {"csrfmiddlewaretoken": TOKEN})


def _ask(server: UvicornServer, method: str, path: str, cookie: str, fields: dict[str, str] | None) -> int:
    headers = {"Cookie": cookie, "Origin": server.base_url}
    body = None
    if fields:
        body = urlencode(fields)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


class Visitor(threading.Thread):
    """Asks both servers for a page again and again, and keeps each status and how long it took."""

    def __init__(self, servers: list[UvicornServer], path: str, cookie: str) -> None:
        super().__init__(daemon=True)
        self._servers, self._path, self._cookie = servers, path, cookie
        self._leave = threading.Event()
        self.answers: list[tuple[int, float]] = []

    def run(self) -> None:
        while not self._leave.wait(0.2):
            for server in self._servers:
                began = time.monotonic()
                status = get(server, self._path, self._cookie)
                self.answers.append((status, time.monotonic() - began))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave.set()
        self.join()

    @property
    def slowest(self) -> float:
        return max(seconds for _, seconds in self.answers)
