"""The server's end of the sockets, played by a test: frames in, close codes out.

What is played is held against the schema. It may say less, as a server of an earlier release does, but nothing else.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Page, WebSocketRoute

from schema.words import check
from tests.words import checked_frame

USER = "/ws/users/me/notifications/"
ACME = "/ws/orgs/acme/notifications/"


def cursor(position: int, org: int = 1) -> str:
    return f"{org}.{position}.{position:08x}"


def task_event(position: int, org: int = 1, **changes: Any) -> dict[str, Any]:
    """A frame as the server sends it: Alice moved ACME-12."""
    event_id = org * 1000 + position
    frame = {
        "type": "task_event",
        "org_id": org,
        "task_id": f"1111111{org}-1111-4111-8111-111111111111",
        "action": "status_changed",
        "actor_id": 3,
        "details": {"from": "open", "to": "in_progress"},
        "created_at": "2026-11-22T10:00:00+00:00",
        "position": position,
        "version": 4,
        "cursor": cursor(position, org),
        "subject": "Rotate the keys",
        "actor": "Alice",
        "key": "ACME-12",
        "number": 12,
        "event_id": event_id,
        "sentence": "Alice moved ACME-12 from Open to In progress",
        "names": {},
        "page": "tasks/12/",
        "notification": {"id": event_id, "reason": "watching", "unread": True, "state": "unread"},
        "replayed": False,
    }
    return frame | changes


def welcome(head: str, count: int = 0, mode: str = "resume", **more: Any) -> dict[str, Any]:
    replay = {"mode": mode, "count": count, "missed": count}
    return {"type": "welcome", "unread": 0, "cursor": head, "replay": replay} | more


def answer(head: str, *items: dict[str, Any], mode: str = "resume", **more: Any) -> dict[str, Any]:
    """What an HTTP twin says."""
    replay = {"mode": mode, "count": len(items), "missed": len(items)}
    said = {"items": list(items), "cursor": head, "unread": 0, "replay": replay} | more
    check(
        {"user_id": 2, "more": False, "revision": 0, "organizations": []} | COUNTS | OF_USER | said,
        "TwinAnswer",
    )
    return said


REPLAY = {"mode": "latest", "count": 0, "missed": 0}
OF_USER: dict[str, Any] = {"orgs": {}, "at": {}}
COUNTS = {"counts": {"unread": 0, "read": 0, "done": 0, "snoozed": 0, "saved": 0}}
WELCOME = {"user_id": 2, "unread": 0, "revision": 0, "cursor": "", "replay": REPLAY} | COUNTS
ORG = {"org": {"id": 1, "slug": "acme"}}

# What the frames of each socket say at least, by type.
OF_ORG_SOCKET = {"welcome": WELCOME | ORG | {"at": {}}, "organization": ORG}
OF_USER_SOCKET = {
    "welcome": WELCOME | OF_USER | {"orgs": []},
    "unread": {"read": None, "unread": {"total": 0, "orgs": {}}, "at": {}, "revision": 0}
    | COUNTS
    | {"change": {"act": "read", "mark": 0}},
}


def played(path: str, frame: dict[str, Any]) -> str:
    """The frame's text. Raises Unfit where it says what no server does."""
    least = OF_ORG_SOCKET if path == ACME else OF_USER_SOCKET
    if "type" in frame:  # what has none is no frame of ours, which the server's own code may send
        checked_frame(path, least.get(frame["type"], {}) | frame)
    return json.dumps(frame)


class Wire:
    """All sockets that a context opens to one path; the newest is `socket`."""

    def __init__(self, context: BrowserContext, path: str) -> None:
        self.opened: list[WebSocketRoute] = []
        self.open: list[WebSocketRoute] = []
        self.heard: list[dict[str, Any]] = []
        self.greeting: dict[str, Any] | None = None
        self.path = path
        context.route_web_socket(re.compile(re.escape(path)), self._open)

    @property
    def socket(self) -> WebSocketRoute:
        return self.opened[-1]

    @property
    def after(self) -> list[str]:
        """The cursor of each socket opened so far."""
        return [parse_qs(urlsplit(socket.url).query).get("after", [""])[0] for socket in self.opened]

    def send(self, *frames: dict[str, Any]) -> None:
        for frame in frames:
            self.socket.send(played(self.path, frame))

    def close(self, code: int) -> None:
        self.open.remove(self.socket)
        self.socket.close(code=code)

    def wait_open(self, page: Page, count: int) -> None:
        """Until so many sockets were opened in all."""
        until(page, lambda: len(self.opened) >= count, f"{count} sockets opened, not {len(self.opened)}")
        assert len(self.opened) == count

    def _open(self, socket: WebSocketRoute) -> None:
        self.opened.append(socket)
        self.open.append(socket)
        socket.on_message(lambda text: self.heard.append(json.loads(text)))
        socket.on_close(lambda code, reason: socket in self.open and self.open.remove(socket))
        if self.greeting:
            socket.send(played(self.path, self.greeting))


def until(page: Page, condition: Any, what: str, limit_ms: int = 60_000) -> None:
    """Wait for a condition of the test's own, while the browser's events are served."""
    for _ in range(limit_ms // 10):
        if condition():
            return
        page.wait_for_timeout(10)
    raise AssertionError(f"waited in vain: {what}")
