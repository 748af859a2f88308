"""Changes tasks over the API, each request under a key of its own until it is answered, and keeps the answers."""

import itertools
import json
import random
import time
import uuid
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

AGAIN = 10  # of so many changes one is sent once more, though it was answered
MARK = 25  # after so many changes the reader marks what they have
PATIENCE = 180.0  # seconds until a request must have been answered

Answer = dict[str, Any]


class Person:
    def __init__(self, url: str, token: str) -> None:
        self.url, self.token, self.retried = url, token, 0

    def asks(self, method: str, address: str, body: Answer | None = None, key: str | None = None) -> Any:
        """Send it until it is answered. Raises HTTPError where it is refused for good."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = Request(
            f"{self.url}/api/v1/{address}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers=headers | ({"Idempotency-Key": key or uuid.uuid4().hex} if method != "GET" else {}),
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with urlopen(request, timeout=10) as response:
                    return json.loads(response.read() or "null")
            except HTTPError as error:
                if error.code not in {409, 429, 500, 502, 503} or time.monotonic() > deadline:
                    raise AssertionError(f"{method} {address}: {error.code} {error.read()!r}") from error
            except (OSError, HTTPException):
                if time.monotonic() > deadline:
                    raise
            self.retried += 1
            time.sleep(0.2)

    def log(self, address: str) -> list[Answer]:
        """Read a log from its first event."""
        items: list[Answer] = []
        more, cursor = True, None
        while more:
            page = self.asks("GET", f"{address}?limit=100" + (f"&after={cursor}" if cursor else ""))
            items += page["items"]
            more, cursor = page["more"], page["cursor"]
        return items


class Writer:
    """Alice changes tasks of both organizations, of which Bob is told; Bob reads some."""

    def __init__(self, alice: Person, bob: Person, bob_id: int) -> None:
        self.alice, self.bob, self.bob_id = alice, bob, bob_id
        self.answered: list[Answer] = []  # frames of the events that each change made
        self.changes, self.unequal = 0, 0
        self._tasks: dict[str, list[int]] = {"acme": [], "globex": []}
        self._kinds = itertools.cycle(["new", "comment", "fields", "comment", "fields"])

    def write(self, number: int, seconds: float) -> None:
        """Make so many changes in so many seconds, or as soon after as they are answered."""
        began = time.monotonic()
        for done in range(number):
            time.sleep(max(0.0, began + seconds * done / number - time.monotonic()))
            self._change()
            if self.changes % MARK == 0:
                self._mark()

    def _change(self) -> None:
        org = "globex" if self.changes % 5 == 4 else "acme"
        self.changes += 1
        method, address, body = self._next(org)
        key = uuid.uuid4().hex
        answer = self.alice.asks(method, address, body, key)
        if self.changes % AGAIN == 0 and self.alice.asks(method, address, body, key) != answer:
            self.unequal += 1
        self.answered += answer["events"]
        if address.endswith("/tasks"):
            self._tasks[org].append(answer["task"]["number"])

    def _next(self, org: str) -> tuple[str, str, Answer]:
        kind, tasks = next(self._kinds), self._tasks[org]
        words = f"change {self.changes} of Zoë's ✓"
        if kind == "new" or not tasks:
            return "POST", f"orgs/{org}/tasks", {"title": words, "assignee": self.bob_id}
        task = f"orgs/{org}/tasks/{random.choice(tasks)}"
        if kind == "comment":
            return "POST", f"{task}/comments", {"text": f"@bob {words}"}
        return "PATCH", task, {"title": words, "description": words * 20}

    def _mark(self) -> None:
        listed = self.bob.asks("GET", "notifications/counts")
        seen = {"seen": listed["cursor"], "revision": listed["revision"], "state": "unread"}
        marked = self.bob.asks(
            "POST", "notifications/marks", {"act": random.choice(["read", "done"]), **seen}
        )
        if marked["undo"] and self.changes % (3 * MARK) == 0:
            self.bob.asks("POST", "notifications/undo", marked["undo"])

    def forget_tasks_beyond(self, logs: dict[str, list[Answer]]) -> None:
        """Go on with the tasks that are there, once a backup was restored."""
        for org, log in logs.items():
            there = {frame["number"] for frame in log}
            self._tasks[org] = [number for number in self._tasks[org] if number in there]
