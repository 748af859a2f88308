"""People who write comments through HAProxy, as a browser does: who gets no answer, or is asked to wait, sends the same
form again until it is taken."""

import secrets
import time
from collections import Counter
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple, Self
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

from bench.faults.meanwhile import Meanwhile
from bench.faults.world import World
from bench.world import cookies
from events.models import TaskEvent

LIMIT = 30.0  # seconds: who waits longer has gone
AGAIN = 0.3  # seconds before the same form is sent again
TAKEN, NO_ANSWER = 201, 0


class Comment(NamedTuple):
    """Moments are monotonic: of the first try, and of the answer that it is taken."""

    text: str
    began: float
    ended: float


class Author(Meanwhile):
    """One person who writes to one task, `rate` comments a second if each is taken at once."""

    def __init__(self, url: str, path: str, cookie: str, rate: float) -> None:
        super().__init__()
        self._host, self._origin, self._path = urlsplit(url).netloc, url, path
        self._token = secrets.token_hex(16)
        self._cookie, self._pause = f"{cookie}; csrftoken={self._token}", 1 / rate
        self.taken: list[Comment] = []
        self.answers: Counter[int] = Counter()
        self.slowest_answer = 0.0

    def run(self) -> None:
        while not self._leave.wait(self._pause):
            self._write(f"comment {uuid4().hex}", uuid4())

    def _write(self, text: str, attempt: UUID) -> None:
        began = time.monotonic()
        while (status := self._send(text, attempt)) != TAKEN:
            time.sleep(AGAIN)
            if time.monotonic() - began > 2 * LIMIT:
                self.answers[status] += 1
                return
        self.taken.append(Comment(text, began, time.monotonic()))

    def _send(self, text: str, attempt: UUID) -> int:
        fields = {"text": text, "attempt": str(attempt), "csrfmiddlewaretoken": self._token}
        headers = {
            "Cookie": self._cookie,
            "Origin": self._origin,
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        asked = time.monotonic()
        connection = HTTPConnection(self._host, timeout=LIMIT)
        try:
            connection.request("POST", self._path, urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, HTTPException):
            status = NO_ANSWER
        finally:
            connection.close()
        self.answers[status] += 1
        self.slowest_answer = max(self.slowest_answer, time.monotonic() - asked)
        return status


class People:
    """Several authors at once, some in each organization."""

    def __init__(self, world: World, url: str, count: int, rate: float) -> None:
        cookie, organizations = cookies([world.actor])[0], world.organizations
        self._org_ids = [organization.pk for organization in organizations]
        self.authors = [
            Author(
                url,
                f"/orgs/{organizations[number % len(organizations)].slug}/tasks/{number + 1}/comment/",
                cookie,
                rate / count,
            )
            for number in range(count)
        ]

    def __enter__(self) -> Self:
        for author in self.authors:
            author.start()
        return self

    def __exit__(self, *_: object) -> None:
        for author in self.authors:
            author.leave()
        for author in self.authors:
            author.join()

    @property
    def taken(self) -> list[Comment]:
        return [comment for author in self.authors for comment in author.taken]

    @property
    def answers(self) -> Counter[int]:
        return sum((author.answers for author in self.authors), Counter())

    @property
    def slowest_answer(self) -> float:
        return max(author.slowest_answer for author in self.authors)

    def longest(self, since: float) -> float:
        """How many seconds a person waited at most, tries again included, for a comment that ended since then."""
        return max((each.ended - each.began for each in self.taken if each.ended >= since), default=0.0)

    def log(self) -> Counter[str]:
        """Count how often each of their comments is in the log."""
        rows = TaskEvent.objects.filter(organization__in=self._org_ids, text__body__startswith="comment ")
        return Counter(rows.values_list("text__body", flat=True))


def lost_and_doubled(taken: Iterable[Comment], log: Counter[str]) -> tuple[int, int]:
    """How many comments that were taken are not in the log, and how many comments are there more than once."""
    return sum(comment.text not in log for comment in taken), sum(count > 1 for count in log.values())
