"""Archives an organization's log and one's own notifications: by sockets, streams, pages and a webhook at once.

An example to read, written from the documents in docs/ alone. It uses the standard library and `websockets`, and
nothing of Carillon. Each way has an archive of its own, so that they can be compared:

    CARILLON_URL=https://tasks.example.com CARILLON_TOKEN=crl_... python client.py acme FOLDER
"""

import base64
import hashlib
import hmac
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect

Frame = dict[str, Any]
URL = os.environ["CARILLON_URL"].rstrip("/")
HEADERS = {"Authorization": f"Bearer {os.environ['CARILLON_TOKEN']}"}
STOPS = {401, 403, 404}  # asking again would not help
REFUSED = {"origin", "signed_out", "scope", "not_found"}  # likewise, of a socket


class Stopped(Exception):
    """Somebody has to do something: another token, another address."""


class Archive:
    """A file with a frame a line. The newest line says where we stand, so what is written is never asked for again."""

    def __init__(self, folder: Path, name: str, pages: str) -> None:
        self.pages, self.path, self.lock = pages, folder / f"{name}.jsonl", Lock()
        self.is_log = pages.startswith("orgs/")  # else of one's own notifications, where positions have gaps
        self.counts: Frame = {"revision": 0, "at": {}, "unread": 0}
        self.places: dict[int, int] = {}
        self.cursor: str | None = None
        self.unread_events: set[tuple[str, int]] = set()
        self.path.touch()
        whole = self.path.read_bytes().rpartition(b"\n")[0]  # a line that was cut off was not kept
        os.truncate(self.path, len(whole) + 1 if whole else 0)
        for line in whole.splitlines():
            self._stand_at(json.loads(line))

    def _stand_at(self, frame: Frame) -> None:
        self.cursor, self.places[frame["org_id"]] = frame["cursor"], frame["position"]
        if (frame.get("notification") or {}).get("unread"):
            self.unread_events.add((str(frame["org_id"]), frame["position"]))

    def keep(self, frame: Frame) -> None:
        if frame["position"] > self.places.get(frame["org_id"], 0):
            with self.path.open("a") as file:
                file.write(json.dumps(frame) + "\n")
            self._stand_at(frame)

    def begin_anew(self) -> None:
        os.truncate(self.path, 0)
        self.cursor = None
        self.places.clear()
        self.unread_events.clear()

    def catch_up(self) -> None:
        """Read what is beyond our cursor in pages, however much it is."""
        more = True
        while more:
            try:
                page = ask(
                    f"{self.pages}?limit=100" + (f"&after={quote(self.cursor)}" if self.cursor else "")
                )
            except HTTPError as error:
                if error.code != 410:
                    raise
                self.begin_anew()
                continue
            for frame in page["items"]:
                self.keep(frame)
            self.cursor, more = page["cursor"], page["more"]

    def follow(self, frames: Iterator[Frame]) -> None:
        """Keep what a socket or a stream brings, until the pages know better."""
        for frame in frames:
            if frame["type"] in {"welcome", "unread"}:
                if frame["type"] == "welcome" and frame["replay"]["mode"] == "reset":
                    return
                self._count(frame)
            elif "position" in frame:
                place = self.places.get(frame["org_id"], 0)
                if self.is_log and frame["position"] > place + 1:
                    return
                self.keep(frame)
                self._note_unread()

    def _count(self, told: Frame) -> None:
        """Take counts unless we have newer ones; those of a welcome whatever we have."""
        had, at = self.counts, told.get("at", {})
        newer = told["revision"] >= had["revision"] and all(
            at.get(org, 0) >= had["at"][org] for org in had["at"]
        )
        if newer or told["type"] == "welcome":
            unread = told["unread"] if told["type"] == "welcome" else told["unread"]["total"]
            self.counts = {"revision": told["revision"], "at": had["at"] | at, "unread": unread}
            if told["type"] == "welcome":
                self.counts["at"] = at
        self._note_unread()

    def _note_unread(self) -> None:
        """Add to the server's count what came after it."""
        at = self.counts["at"]
        self.unread_events = {(org, place) for org, place in self.unread_events if place > at.get(org, 0)}
        self.path.with_suffix(".unread").write_text(str(self.counts["unread"] + len(self.unread_events)))


def ask(address: str, **headers: str) -> Any:
    with urlopen(Request(f"{URL}/api/v1/{address}", headers=HEADERS | headers), timeout=15) as answer:
        return json.load(answer)


def by_socket(address: str, cursor: str | None) -> Iterator[Frame]:
    after = f"?after={quote(cursor)}" if cursor else ""
    url = URL.replace("http", "ws", 1) + address + after
    with connect(
        url, additional_headers=HEADERS, open_timeout=10, ping_interval=20, ping_timeout=15
    ) as socket:
        for text in socket:
            yield json.loads(text)


def by_stream(address: str, cursor: str | None) -> Iterator[Frame]:
    headers = HEADERS | {"Accept": "text/event-stream"} | ({"Last-Event-ID": cursor} if cursor else {})
    with urlopen(Request(f"{URL}/api/v1/{address}", headers=headers), timeout=30) as answer:
        data = ""
        for line in answer:  # a comment comes each 15 seconds
            if line.startswith(b"data:"):
                data += line[5:].decode().strip()
            elif not line.strip() and data:
                yield json.loads(data)
                data = ""


def by_pages(_address: str, _cursor: str | None) -> Iterator[Frame]:
    time.sleep(1)
    yield from ()


def follow(archive: Archive, way: Callable[[str, str | None], Iterator[Frame]], address: str) -> None:
    """Go on for ever, whatever breaks."""
    failed = 0
    while True:
        began, pause, is_over = time.monotonic(), 0.0, False
        try:
            with archive.lock:
                archive.catch_up()
            archive.follow(way(address, archive.cursor))
            is_over = way is by_pages
        except HTTPError as error:
            if error.code in STOPS:
                raise Stopped(error.read().decode()) from error
            pause = float(error.headers.get("Retry-After") or 0)
        except InvalidStatus as error:
            if error.response.headers.get("X-Carillon-Refused") in REFUSED:
                raise Stopped(error.response.headers["X-Carillon-Refused"]) from error
        except (OSError, HTTPException, WebSocketException, ValueError) as error:
            print(f"{archive.path.stem}: {error!r}", file=sys.stderr)
        failed = 0 if is_over or time.monotonic() - began > 30 else min(failed + 1, 6)
        time.sleep(max(pause, random.uniform(0, min(30, 0.5 * 2**failed))))


class Receiver(BaseHTTPRequestHandler):
    """Takes a webhook: answers 2xx once it has kept the event, and nothing else otherwise."""

    archive: Archive
    secret: str

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_signed = self.is_signed(body)
        if is_signed:
            with self.archive.lock:  # one at a time
                self.take(json.loads(body))
        self.send_response(204 if is_signed else 401)
        self.end_headers()

    def is_signed(self, body: bytes) -> bool:
        name, moment = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        digest = hmac.digest(key, f"{name}.{moment}.".encode() + body, hashlib.sha256)
        ours = f"v1,{base64.b64encode(digest).decode()}"
        given = self.headers["webhook-signature"].split()
        return abs(time.time() - int(moment)) < 300 and any(hmac.compare_digest(ours, each) for each in given)

    def take(self, message: Frame) -> None:
        newest = max(self.archive.places.values(), default=0)
        if message["type"] == "reset":
            self.archive.begin_anew()
            self.archive.catch_up()
        elif "position" in message:
            if message.get("previous", 0) > newest:  # a hole
                self.archive.catch_up()
            self.archive.keep(message["data"])

    def log_message(self, *_: object) -> None:
        pass


def main(org: str, folder: Path) -> None:
    log, own = f"orgs/{org}/events", "events"
    follow_with = {
        ("socket-log", log): (by_socket, f"/ws/orgs/{org}/notifications/"),
        ("socket-own", own): (by_socket, "/ws/users/me/notifications/"),
        ("stream-log", log): (by_stream, f"orgs/{org}/stream"),
        ("stream-own", own): (by_stream, "stream"),
        ("pages-log", log): (by_pages, ""),
        ("pages-own", own): (by_pages, ""),
    }
    for (name, pages), (way, address) in follow_with.items():
        Thread(target=follow, args=(Archive(folder, name, pages), way, address), name=name).start()
    if secret := os.environ.get("WEBHOOK_SECRET"):
        Receiver.archive, Receiver.secret = Archive(folder, "webhook-log", log), secret
        ThreadingHTTPServer(("127.0.0.1", int(os.environ["WEBHOOK_PORT"])), Receiver).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
