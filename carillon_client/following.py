"""Follows a log or an inbox for ever: everything, once, in order, whatever breaks meanwhile.

Live events come by the stream; what lies further back than it replays is read in pages. Keep the cursor of the last
event that you have dealt with, and begin with it the next time.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from carillon_client.client import Client, back_off
from carillon_client.frames import EVENTS, Frame
from carillon_client.problems import Problem, Unreachable

STOPS = "close"  # the stream's last event, which says why it ends


class AnotherHistory(Exception):
    """The server's log is not the one that the cursor is of: a backup was restored, or it is another installation."""


class _Behind(Exception):
    """More was missed than a stream replays."""


def follow_log(client: Client, org: str, after: str | None = None) -> Iterator[Frame]:
    """Give each event of an organization's log beyond the cursor, from the first on without one, and go on for ever.
    Raises AnotherHistory, and Problem where this will never be answered."""
    failed = 0
    while True:
        try:
            page = client.events(org, after)
            for frame in page["items"]:
                yield frame
                after = frame["cursor"]
            after, failed = page["cursor"], 0
            if not page["more"]:
                for frame in _live(client, org, after):
                    yield frame
                    after = frame["cursor"]
        except _Behind:
            continue
        except Problem as problem:
            failed = _wait(client, problem, failed)
        except Unreachable:
            failed = _wait(client, None, failed)


def _live(client: Client, org: str, after: str) -> Iterator[Frame]:
    """Give what the stream brings. It ends where the next position is not the next: then the pages have it."""
    position = int(after.split(".")[1])
    for frame in _frames(client.stream(org, after)):
        if frame["position"] <= position:
            continue
        if frame["position"] != position + 1:
            return
        yield frame
        position = frame["position"]


def follow_inbox(client: Client, after: str | None = None) -> Iterator[Frame]:
    """Give each event that the user is told of beyond the cursor, over all organizations; without one, from now on.
    Raises AnotherHistory, and Problem where this will never be answered."""
    failed = 0
    while True:
        try:
            for frame in _frames(client.stream(None, after), begins=after is None):
                yield frame
                after, failed = frame["cursor"], 0
            failed = _wait(client, None, failed)
        except _Behind:
            for frame in _missed(client, cast(str, after)):
                yield frame
                after = _further(cast(str, after), frame["cursor"])
        except Problem as problem:
            failed = _wait(client, problem, failed)
        except Unreachable:
            failed = _wait(client, None, failed)


def _missed(client: Client, after: str) -> Iterator[Frame]:
    """Read the inbox back to the cursor, and give what is beyond it, the oldest first."""
    places = _positions(after)
    found = list[Frame]()
    for item in client.all("notifications", state="all"):
        frame = cast(Frame, item)
        if frame["position"] <= places.get(frame["org_id"], 0):
            break
        found.append(frame)
    yield from sorted(found, key=lambda frame: frame["event_id"])


def _frames(messages: Iterator[Any], *, begins: bool = False) -> Iterator[Frame]:
    """Give the events of a stream. Raises AnotherHistory or _Behind where its welcome says that it could not resume."""
    for message in messages:
        if message is None:
            continue
        told = json.loads(message.data)
        if message.event == "welcome":
            _check_resumed(told["replay"])
        elif told.get("type") in EVENTS and not (begins and told.get("replayed")):
            yield cast(Frame, told)
        elif message.event == STOPS:
            return


def _check_resumed(replay: Mapping[str, Any]) -> None:
    if replay["mode"] == "reset":
        raise AnotherHistory if replay["missed"] is None else _Behind


def _wait(client: Client, problem: Problem | None, failed: int) -> int:
    """Wait, longer each time. Raises what will be refused again."""
    if problem is not None and problem.code == "another_history":
        raise AnotherHistory from problem
    if problem is not None and problem.again is None:
        raise problem
    client.pause(max(problem.again or 0.0 if problem else 0.0, back_off(failed)))
    return min(failed + 1, 10)


def _positions(cursor: str) -> dict[int, int]:
    places = (place.split(".") for place in cursor.split(","))
    return {int(org_id): int(position) for org_id, position, _ in places}


def _further(cursor: str, other: str) -> str:
    """Join two cursors: of each organization, the further place."""
    places = {place.split(".")[0]: place for place in cursor.split(",")}
    for place in other.split(","):
        org_id, position, _ = place.split(".")
        if org_id not in places or int(position) > int(places[org_id].split(".")[1]):
            places[org_id] = place
    return ",".join(places.values())
