"""A receiver of webhooks on a free port, in threads: it keeps what it gets and answers as it is told, or is away."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self


class Got(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float  # seconds since 1970

    @property
    def message(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Said(NamedTuple):
    status: int = 204
    headers: dict[str, str] = {}
    body: bytes = b""


class Receiver:
    """`says` gives the answer to what it got; what it took (2xx) is `taken`. Stopped and started it has the same
    port."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.taken: list[Got] = []
        self.says: Callable[[Got], Said] = lambda got: Said()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def positions(self) -> list[int]:
        return [got.message.get("position") for got in self.taken]

    def start(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def stop(self) -> None:
        """Be away: what was under way is answered, and nobody listens any more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got = Got(self.command, self.path, dict(self.headers), body, time.time())
                said = receiver.answer(got)
                self.send_response_only(said.status)
                for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(BrokenPipeError):  # nobody reads more of an answer than its beginning
                    self.wfile.write(said.body)

            do_PUT = do_POST  # noqa: N815 - as the library calls it

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def answer(self, got: Got) -> Said:
        self.got.append(got)
        said = self.says(got)
        if 200 <= said.status < 300:
            self.taken.append(got)
        return said

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
