"""A server of static files and made-up pages, for tests of the browser modules without the product.

It refuses sockets (a test plays them itself), answers the HTTP twins as the test says, and notes what it
was asked.
"""

import json
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from config.static_answers import ADDRESS
from config.stylesheets import whole

ROOT = Path(__file__).parents[3]
POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
BLANK = "<!DOCTYPE html><html lang='en'><title>Blank</title><body></body></html>"

Twin = Callable[[str], tuple[int, Any]]


class Site:
    """`pages[path]` is HTML; `twins[path]` maps the cursor asked for to a status and a body; `streams[path]` has
    the frames of an event stream, None for its end; `marks` says how POST /inbox/mark/ answers. Handshakes are refused,
    or left without an answer while `silent`; `hung_up` counts those that the browser gave up."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {"/": BLANK}
        self.twins: dict[str, Twin] = {}
        self.streams: dict[str, Queue[dict[str, Any] | None]] = {}
        self.marks = 204
        self.silent = False
        self.hung_up = 0
        self.asked: list[str] = []
        self.posted: list[dict[str, list[str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def asked_for(self, path: str) -> list[str]:
        """The cursors that a twin was asked with."""
        found = [urlsplit(url) for url in self.asked]
        return [parse_qs(url.query).get("after", [""])[0] for url in found if url.path == path]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *args: Any) -> None:
        self.site = site
        super().__init__(*args, directory=str(ROOT))

    def do_GET(self) -> None:
        self.site.asked.append(self.path)
        if static := ADDRESS.fullmatch(self.path):
            self.path = f"/static/{static['name']}"  # as the folder has it, whatever the release
        url = urlsplit(self.path)
        if self.site.silent and "Upgrade" in self.headers:
            self.connection.settimeout(30)
            self.site.hung_up += self.connection.recv(1) == b""
        elif url.path in ("/static/css/carillon.css", "/static/css/admin.css"):
            self._answer(200, "text/css", whole(ROOT / url.path[1:]) or "")
        elif url.path.startswith("/static/"):
            super().do_GET()
        elif url.path in self.site.pages:
            self._answer(200, "text/html; charset=utf-8", self.site.pages[url.path])
        elif url.path in self.site.twins:
            status, body = self.site.twins[url.path](parse_qs(url.query).get("after", [""])[0])
            self._answer(status, "application/json", json.dumps(body))
        elif url.path in self.site.streams:
            self._stream(self.site.streams[url.path])
        else:
            self._answer(404, "text/plain", "Not found")

    def _stream(self, frames: Queue[dict[str, Any] | None]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        while frame := frames.get():
            self.wfile.write(f"event: {frame['type']}\ndata: {json.dumps(frame)}\n\n".encode())
        self.close_connection = True

    def do_POST(self) -> None:
        # The form comes as multipart; the names and values in it are enough for a test.
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        parts = [part.partition("\r\n\r\n") for part in body.split("--" + self._boundary())]
        fields: dict[str, list[str]] = {"X-CSRFToken": [self.headers["X-CSRFToken"]]}
        for head, _, value in parts:
            if 'name="' in head:
                fields.setdefault(head.split('name="')[1].split('"')[0], []).append(value.strip())
        self.site.posted.append(fields)
        self._answer(self.site.marks, "text/plain", "")

    def _boundary(self) -> str:
        return self.headers["Content-Type"].partition("boundary=")[2]

    def _answer(self, status: int, kind: str, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(text.encode()) if status != 204 else 0))
        self.end_headers()
        if status != 204:
            self.wfile.write(text.encode())

    def end_headers(self) -> None:
        if self.path.startswith("/static/"):
            self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *args: object) -> None:
        pass
