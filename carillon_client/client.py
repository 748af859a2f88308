"""Asks the API, one request after the other. A write that got no answer is sent again under the same key, so that it
is done once. Following what happens is `following`'s."""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import quote, urlsplit

import requests
from urllib3.exceptions import HTTPError

from carillon_client.event_stream import Message, TooLong, messages
from carillon_client.frames import EventPage, Page
from carillon_client.problems import Problem, Unreachable

ANSWER = 30.0  # seconds to wait for an answer
SILENCE = 40.0  # seconds of a stream without a word: the server says one each 15 s
TRIES = 5  # for one request
LONGEST_PAUSE = 30.0  # seconds between two tries
PIECE = 64 * 1024  # bytes of a stream at a time, at most


class Client:
    """Speaks to the installation at `url` with a token. `pause` waits so many seconds."""

    def __init__(self, url: str, token: str, pause: Callable[[float], None] = time.sleep) -> None:
        self.url, self.pause = url.rstrip("/"), pause
        self._session = requests.Session()
        self._session.trust_env = False  # .netrc would take the token's place
        self._session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})

    # --- One answer -----------------------------------------------------------------------------------------

    def get(self, address: str, **query: Any) -> Any:
        """Read an address below `/api/v1/`, or one that an answer gave. Raises Problem and Unreachable."""
        return self._asked("GET", address, query=query)

    def send(
        self,
        method: str,
        address: str,
        body: Mapping[str, Any] | None = None,
        version: int | None = None,
        key: str | None = None,
    ) -> Any:
        """Change something. With a `version` it is refused (412) where somebody has changed it since. Under the same
        `key` it is done once within 24 hours, whichever process sends it; without one it has a key of its own. Raises
        Problem and Unreachable; after Unreachable it may have been done."""
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._asked(method, address, body=body, headers=headers)

    def _asked(self, method: str, address: str, **given: Any) -> Any:
        for tried in range(TRIES):
            try:
                return self._answer(method, address, **given)
            except Unreachable:
                if tried + 1 == TRIES:
                    raise
                self.pause(back_off(tried))
            except Problem as problem:
                if problem.again is None or tried + 1 == TRIES:
                    raise
                self.pause(max(problem.again, back_off(tried)))
        raise AssertionError

    def _answer(
        self,
        method: str,
        address: str,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        with _reached(self.url):
            response = self._session.request(
                method, self._address(address), params=given, json=body, headers=headers,
                timeout=ANSWER, allow_redirects=False,
            )  # fmt: skip
        _refuse(response)
        return response.json() if response.content else None

    def _address(self, address: str) -> str:
        if not address.startswith("/"):
            return f"{self.url}/api/v1/{address}"
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{address}"

    # --- Names for what is asked most ----------------------------------------------------------------------------

    def me(self) -> dict[str, Any]:
        return cast(dict[str, Any], self.get("me"))

    def organizations(self) -> list[dict[str, Any]]:
        return list(self.all("orgs"))

    def events(self, org: str, after: str | None = None, limit: int | None = None) -> EventPage:
        return cast(EventPage, self.get(f"orgs/{part(org)}/events", after=after, limit=limit))

    def missed(self, after: str | None = None, limit: int | None = None) -> EventPage:
        return cast(EventPage, self.get("events", after=after, limit=limit))

    def notifications(self, **query: Any) -> Page:
        return cast(Page, self.get("notifications", **query))

    def mark(self, act: str, event_ids: list[int], **more: Any) -> dict[str, Any]:
        body = {"act": act, "event_ids": event_ids, **more}
        return cast(dict[str, Any], self.send("POST", "notifications/marks", body))

    def create_task(self, org: str, **fields: Any) -> dict[str, Any]:
        return cast(dict[str, Any], self.send("POST", f"orgs/{part(org)}/tasks", fields))

    def change_task(self, org: str, number: int, version: int | None = None, **fields: Any) -> dict[str, Any]:
        return cast(dict[str, Any], self.send("PATCH", f"orgs/{part(org)}/tasks/{number}", fields, version))

    def comment(self, org: str, number: int, text: str, key: str | None = None) -> dict[str, Any]:
        address = f"orgs/{part(org)}/tasks/{number}/comments"
        return cast(dict[str, Any], self.send("POST", address, {"text": text}, key=key))

    def all(self, address: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Read a list to its end, page after page."""
        page: Page = self.get(address, **query)
        yield from page["items"]
        while page.get("next"):
            page = self.get(cast(str, page["next"]))
            yield from page["items"]

    # --- A stream --------------------------------------------------------------------------------------------------

    def stream(self, org: str | None = None, after: str | None = None) -> Iterator[Message | None]:
        """Open the user's stream, or an organization's, and give what it brings until it ends; None is a sign of life.
        Raises Problem where it is refused, Unreachable where it is not reached or breaks."""
        address = self._address(f"orgs/{part(org)}/stream" if org else "stream")
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        with _reached(self.url):
            response = self._session.get(
                address, headers=headers, timeout=(ANSWER, SILENCE), stream=True, allow_redirects=False
            )
            with response:
                _refuse(response)
                try:
                    yield from messages(iter(lambda: response.raw.read1(PIECE), b""))
                except TooLong:
                    raise Unreachable("A message of the stream does not end.") from None


def part(name: str) -> str:
    """Write a name as a part of an address."""
    return quote(name, safe="")


def back_off(tried: int) -> float:
    """Choose how many seconds to wait after so many tries that failed."""
    return random.uniform(0, min(LONGEST_PAUSE, 0.5 * 2**tried))  # noqa: S311 - no secret


@contextmanager
def _reached(address: str) -> Iterator[None]:
    try:
        yield
    except (requests.RequestException, HTTPError, OSError) as error:
        raise Unreachable(f"{address} cannot be reached ({_cause(error)}).") from error


def _cause(error: Exception) -> str:
    """Find what the system said, under what libraries made of it."""
    cause: BaseException | None = error
    while cause is not None and not (isinstance(cause, OSError) and cause.strerror):
        cause = cause.__cause__ or cause.__context__
    return cause.strerror if isinstance(cause, OSError) and cause.strerror else type(error).__name__


def _refuse(response: requests.Response) -> None:
    if response.status_code < 300:
        return
    try:
        told = json.loads(response.content[:PIECE])
    except ValueError:
        told = {}
    if 300 <= response.status_code < 400:
        told = {
            "detail": f"The server sends us to {response.headers.get('Location', '')}. Name the address that it has."
        }
    raise Problem(
        response.status_code, told if isinstance(told, dict) else {}, response.headers.get("Retry-After")
    )
