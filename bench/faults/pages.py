"""A person's browser, for what a row does through pages, and for whether pages answer."""

import time
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from urllib.parse import urlencode

from bench.faults.meanwhile import Meanwhile
from servers import UvicornServer

LIMIT = 15.0  # seconds: who waits longer has gone
TOKEN = "a" * 32


def get(server: UvicornServer, path: str, cookie: str = "") -> int:
    """The status; 0 without an answer."""
    return _ask(server, "GET", path, cookie, None)[0]


def read(server: UvicornServer, path: str, cookie: str) -> str:
    """The page; empty without an answer."""
    return _ask(server, "GET", path, cookie, None)[1]


def submit(server: UvicornServer, path: str, cookie: str, **fields: str) -> int:
    """Send a form."""
    return _ask(
        server, "POST", path, f"{cookie}; csrftoken={TOKEN}", fields | {"csrfmiddlewaretoken": TOKEN}
    )[0]


def _ask(
    server: UvicornServer, method: str, path: str, cookie: str, fields: dict[str, str] | None
) -> tuple[int, str]:
    headers = {"Cookie": cookie, "Origin": server.base_url}
    body = None
    if fields:
        body = urlencode(fields)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, HTTPException):
        return 0, ""
    finally:
        connection.close()


class Answer(NamedTuple):
    """`status` is 0 where none came. Moments are monotonic."""

    status: int
    began: float
    ended: float


class Visitor(Meanwhile):
    """Asks the servers for a page again and again, and keeps what came of it."""

    def __init__(self, servers: list[UvicornServer], path: str, cookie: str) -> None:
        super().__init__()
        self._servers, self._path, self._cookie = servers, path, cookie
        self.answers: list[Answer] = []

    def run(self) -> None:
        while not self._leave.wait(0.2):
            for server in self._servers:
                began = time.monotonic()
                status = get(server, self._path, self._cookie)
                self.answers.append(Answer(status, began, time.monotonic()))
