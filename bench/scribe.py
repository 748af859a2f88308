"""Writes events for a system to deliver: real commands, whose announcement is held back until it is asked for."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from base.announcements import announced
from bench.frames import mark
from bench.world import Place, comment
from realtime import installation
from realtime.broadcast import broadcast_announcement
from tasks.services import execute, execute_together

FILLING = (
    "The third bell is out of tune, see the notes of last week; I will look after the clapper myself, "
    "and the rope wants a new splice before the feast."
)


class Event(NamedTuple):
    """Committed, and nobody has been told. `text` is the frame as a member of the product gets it."""

    number: int
    group: str
    message: dict[str, Any]
    text: str


class Scribe:
    """Takes the place of the product's own receiver of announcements in this process."""

    def __init__(self) -> None:
        announced.disconnect(dispatch_uid="realtime")
        announced.connect(self._hear)
        self._heard: list[tuple[str, dict[str, Any]]] = []
        self._tells = False

    def tell(self, place: Place, number: int) -> None:
        """The whole command, broadcast as the product does it."""
        self._tells = True
        execute(comment(place, f"{mark(number)} {FILLING}"), actor=place.actor)
        self._tells = False

    def write(self, place: Place, numbers: Sequence[int]) -> list[Event]:
        """One event for each number, in one transaction."""
        self._heard = []
        commands = [comment(place, f"{mark(number)} {FILLING}") for number in numbers]
        execute_together(commands, actor=place.actor)
        return [
            Event(number, group, message, frame_text(message))
            for number, (group, message) in zip(numbers, self._heard, strict=True)
        ]

    def _hear(self, *, group: str, message: dict[str, Any], **_: Any) -> None:
        if self._tells:
            broadcast_announcement(group=group, message=message)
        else:
            self._heard.append((group, message | {installation.KEY: installation.of_sender()}))


def frame_text(message: dict[str, Any]) -> str:
    (event,) = message["events"]
    frame = event["frame"]
    mine = {
        "notification": {"id": frame["event_id"], "reason": "org", "unread": True},
        "replayed": False,
    }
    return msgspec.json.encode(frame | mine).decode()
