"""A receiver of the tests' own: real HTTP, answers as it is told, and checks what it gets as an integrator would."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self


class Got(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

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
    """`says` gives the answer to what it got; what it took (2xx) is `taken`."""

    def __init__(self, port: int = 0) -> None:
        self.got: list[Got] = []
        self.taken: list[Got] = []
        self.says: Callable[[Got], Said] = lambda got: Said()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got = Got(self.command, self.path, dict(self.headers), body)
                receiver.got.append(got)
                said = receiver.says(got)
                if 200 <= said.status < 300:
                    receiver.taken.append(got)
                self.send_response_only(said.status)
                for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with suppress(BrokenPipeError):  # nobody reads more of an answer than its beginning
                    self.wfile.write(said.body)

            do_PUT = do_POST  # noqa: N815 - as the library calls it

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        self.address = f"http://127.0.0.1:{self.port}/hook"

    @property
    def positions(self) -> list[int]:
        return [got.message.get("position") for got in self.taken]

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
