"""Writes events for a system to deliver: real commands, whose announcement is held back until it is asked for."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from base.announcements import announced
from base.messages import LogAppended
from base.transactions import write_transaction
from bench.frames import mark
from bench.world import Place, comment
from inbox import frames
from inbox.frames import closed, opened
from realtime import installation
from realtime.broadcast import broadcast_announcement
from tasks.services import execute

FILLING = (
    "The third bell is out of tune, see the notes of last week; I will look after the clapper myself, "
    "and the rope wants a new splice before the feast."
)


class Event(NamedTuple):
    """Committed, and nobody has been told. `told` is the message as it crosses the product's layer, `text` the frame as
    a member of the product gets it."""

    number: int
    group: str
    message: LogAppended
    told: dict[str, Any]
    text: str


class Scribe:
    """Takes the place of the product's own receiver of announcements in this process."""

    def __init__(self) -> None:
        announced.disconnect(dispatch_uid="realtime")
        announced.connect(self._hear)
        self._heard: list[tuple[str, LogAppended]] = []
        self._tells = False

    def tell(self, place: Place, number: int) -> None:
        """The whole command, broadcast as the product does it."""
        self._tells = True
        execute(comment(place, f"{mark(number)} {FILLING}"), actor=place.actor)
        self._tells = False

    def write(self, place: Place, numbers: Sequence[int]) -> list[Event]:
        """One event for each number, in one transaction."""
        self._heard = []
        with write_transaction():
            for number in numbers:
                execute(comment(place, f"{mark(number)} {FILLING}"), actor=place.actor)
        sender = {installation.KEY: installation.of_sender()}
        return [
            Event(number, group, message, message.told() | sender, frame_text(message))
            for number, (group, message) in zip(numbers, self._heard, strict=True)
        ]

    def _hear(self, *, group: str, message: LogAppended, **_: Any) -> None:
        if self._tells:
            broadcast_announcement(group=group, message=message)
        else:
            self._heard.append((group, message))


def frame_text(message: LogAppended) -> str:
    (event,) = message.events
    return closed(opened(event.frame), frames.mark(event.event_id, "org"), replayed=False).decode()
