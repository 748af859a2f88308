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

Away = Callable[[Problem | Unreachable | None], None]


class AnotherHistory(Exception):
    """The server's log is not the one that the cursor is of: a backup was restored, or it is another installation's."""


def unheard(_: Problem | Unreachable | None) -> None:
    """Tell nobody."""


def follow_log(client: Client, org: str, after: str | None = None, away: Away = unheard) -> Iterator[Frame]:
    """Give each event of an organization's log beyond the cursor, from the first on without one, and go on for ever.
    `away` is told once why the server does not answer, and None once it does again. Raises AnotherHistory, and Problem
    where it will never be answered."""
    return _follow(client, org, after, lambda cursor: client.events(org, cursor), away)


def follow_inbox(client: Client, after: str | None = None, away: Away = unheard) -> Iterator[Frame]:
    """Give each event beyond the cursor that the user is told of, over all organizations: from the first on without
    one. `away` is told, and it raises, as of `follow_log`."""
    return _follow(client, None, after, client.missed, away)


def _follow(
    client: Client,
    org: str | None,
    after: str | None,
    page_after: Callable[[str | None], EventPage],
    away: Away,
) -> Iterator[Frame]:
    failed = 0
    while True:
        try:
            page = page_after(after)
            if failed:
                away(None)
            failed = 0
            for frame in page["items"]:
                yield frame
                after = frame["cursor"]
            after = page["cursor"]
            if page["more"]:
                continue
            for frame in _live(client, org, after):
                yield frame
                after = frame["cursor"]
            client.pause(back_off(0))
        except (Problem, Unreachable) as why:
            _raise_if_final(why)
            if not failed:
                away(why)
            failed = _wait(client, why, failed)


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


def _raise_if_final(why: Problem | Unreachable) -> None:
    """Raise what would be refused again."""
    if isinstance(why, Problem) and why.code == "another_history":
        raise AnotherHistory from why
    if isinstance(why, Problem) and why.again is None:
        raise why


def _wait(client: Client, why: Problem | Unreachable, failed: int) -> int:
    """Wait, longer each time, and as long as the server asks for."""
    asked = why.again if isinstance(why, Problem) else None
    client.pause(max(asked or 0.0, back_off(failed)))
    return min(failed + 1, 10)


def beginning_now(client: Client, org: str | None = None) -> str | None:
    """Find the cursor of this moment, to follow only what happens from now on."""
    if org is None:
        return cast("str | None", client.get("notifications/counts")["cursor"])
    return cast("str | None", client.get(f"orgs/{part(org)}")["cursor"])
