"""A client by docs/protocol.md, "Rules for a client". It hides no frame: what it would drop, the checker counts."""

import asyncio
import random
import time
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from bench.faults.client import Client, Heard, Plan
from bench.faults.history import Connected


class CursorClient(Client):
    """Keeps the cursor of the newest frame it applied, and comes back with it."""

    def __init__(self, plan: Plan, servers: list[str]) -> None:
        super().__init__(plan, servers)
        self._cursors: dict[int, str] = {}
        self._replay_end, self._replaying, self._lists = "", 0, 0

    def address(self) -> str:
        return self.plan.path + (f"?after={','.join(self._cursors.values())}" if self._cursors else "")

    def welcome(self, frame: Heard) -> None:
        assert frame.replay, "a welcome without a replay"
        resumed = frame.replay.mode == "resume"
        if resumed:
            cursor = {org_id: position_of(cursor) for org_id, cursor in self._cursors.items()}
            self._replay_end, self._replaying = frame.cursor, frame.replay.count
        else:  # nothing known, or too much missed: the lists are read again, and what is replayed stands in them
            self._cursors, self._lists = by_organization(frame.cursor), frame.replay.count
            cursor = {org_id: position_of(cursor) for org_id, cursor in self._cursors.items()}
            self.stands |= cursor
        self.record.history.append(Connected(time.monotonic(), cursor, not resumed))
        self._end_of_replay()

    def event(self, frame: Heard) -> None:
        if self._lists and frame.replayed:
            self._lists -= 1
            return
        self.show(frame)
        self._cursors[frame.org_id] = frame.cursor
        if frame.replayed:
            self._replaying -= 1
            self._end_of_replay()

    def _end_of_replay(self) -> None:
        """Rule 2: what lies between the last replayed frame and the welcome's cursor was not addressed to us."""
        if self._replaying == 0 and self._replay_end:
            for org_id, cursor in by_organization(self._replay_end).items():
                if position_of(cursor) > position_of(self._cursors.get(org_id, "0.0.0")):
                    self._cursors[org_id] = cursor
            self._replay_end = ""

    async def pause(self, code: int | None) -> float:
        self._replay_end, self._replaying, self._lists = "", 0, 0
        if code in (4403, 4404, 1009):
            self.record.ended = True
        elif code in (403, 4401):
            base = self.servers[self._server % len(self.servers)].replace("ws://", "http://")
            answer = await asyncio.to_thread(status_of, base + self.plan.twin, self.plan.cookie)
            self.record.ended = answer in (401, 404)
        if code == 4408:
            return random.uniform(0, 1)
        if code == 4429:
            return random.uniform(30, 60)
        return random.uniform(0, min(30, 0.5 * 2**self._failures))


def by_organization(cursors: str) -> dict[int, str]:
    return {int(cursor.split(".")[0]): cursor for cursor in cursors.split(",") if cursor}


def position_of(cursor: str) -> int:
    return int(cursor.split(".")[1])


def status_of(url: str, cookie: str) -> int:
    """The HTTP status of a page; 0 when nobody answers."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request("GET", parts.path, headers={"Cookie": cookie})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
