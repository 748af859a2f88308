"""Follows a log or an inbox for ever: everything, once, in order, whatever breaks meanwhile.

What was missed is read in pages, however much it is; then the stream brings what happens. Keep the cursor of the last
event that you have dealt with, and begin with it the next time.
"""

import json
from collections.abc import Callable, Iterator
from typing import cast

from carillon_client.client import Client, back_off, part
from carillon_client.frames import EVENTS, EventPage, Frame
from carillon_client.problems import Problem, Unreachable

STOPS = "close"  # the stream's last event, which says why it ends


class AnotherHistory(Exception):
    """The server's log is not the one that the cursor is of: a backup was restored, or it is another installation's."""


def follow_log(client: Client, org: str, after: str | None = None) -> Iterator[Frame]:
    """Give each event of an organization's log beyond the cursor, from the first on without one, and go on for ever.
    Raises AnotherHistory, and Problem where it will never be answered."""
    return _follow(client, org, after, lambda cursor: client.events(org, cursor))


def follow_inbox(client: Client, after: str | None = None) -> Iterator[Frame]:
    """Give each event beyond the cursor that the user is told of, over all organizations: from the first on without
    one. Raises as `follow_log` does."""
    return _follow(client, None, after, client.missed)


def _follow(
    client: Client, org: str | None, after: str | None, page_after: Callable[[str | None], EventPage]
) -> Iterator[Frame]:
    failed = 0
    while True:
        try:
            page = page_after(after)
            for frame in page["items"]:
                yield frame
                after = frame["cursor"]
            after, failed = page["cursor"], 0
            if page["more"]:
                continue
            for frame in _live(client, org, after):
                yield frame
                after = frame["cursor"]
            client.pause(back_off(0))
        except Problem as problem:
            failed = _wait(client, problem, failed)
        except Unreachable:
            failed = _wait(client, None, failed)


def _live(client: Client, org: str | None, after: str) -> Iterator[Frame]:
    """Give what the stream brings beyond the cursor. It ends where it could not go on from there, and where a log's
    next position is not the next: the pages have what is between."""
    position = int(after.split(".")[1]) if org else None
    for message in client.stream(org, after):
        told = json.loads(message.data) if message else {}
        if message and message.event == "welcome" and told["replay"]["mode"] != "resume":
            return
        if message and message.event == STOPS:
            return
        if told.get("type") not in EVENTS:
            continue
        if position is not None:
            if told["position"] != position + 1:
                return
            position = told["position"]
        yield cast(Frame, told)


def _wait(client: Client, problem: Problem | None, failed: int) -> int:
    """Wait, longer each time. Raises what will be refused again."""
    if problem is not None and problem.code == "another_history":
        raise AnotherHistory from problem
    if problem is not None and problem.again is None:
        raise problem
    client.pause(max(problem.again or 0.0 if problem else 0.0, back_off(failed)))
    return min(failed + 1, 10)


def beginning_now(client: Client, org: str | None = None) -> str | None:
    """Find the cursor of this moment, to follow only what happens from now on."""
    if org is None:
        return cast("str | None", client.get("notifications/counts")["cursor"])
    return cast("str | None", client.get(f"orgs/{part(org)}")["cursor"])
