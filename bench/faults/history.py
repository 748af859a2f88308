"""What one socket went through, step by step: the record that a client keeps and the checker reads."""

import msgspec


class Connected(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """A connection is open. `cursor` says, by organization id, the position that the socket stands at.

    `fresh` is a start from there: the first connection, or a `reset`, after which a client reads its lists again.
    Otherwise the socket resumed at the cursor, and nothing is forgiven.
    """

    at: float
    cursor: dict[int, int]
    fresh: bool


class Shown(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """A frame of an event was displayed. Whatever comes is shown: a client that drops what came twice would hide it."""

    at: float
    org_id: int
    position: int
    event_id: int


class Closed(msgspec.Struct, frozen=True, array_like=True, tag="x"):
    """The connection ended; on the wire, or (1006) without a word."""

    at: float
    code: int


Step = Connected | Shown | Closed


class Span(msgspec.Struct, frozen=True, array_like=True):
    """A membership: the events after position `after`, up to `until` (None: to the end)."""

    after: int = 0
    until: int | None = None

    def __contains__(self, position: int) -> bool:
        return position > self.after and (self.until is None or position <= self.until)


class Record(msgspec.Struct):
    """One socket. `ended`: it was sent away for good, so that what came after its last frame is not missed."""

    socket: str
    rights: dict[int, Span]
    history: list[Step]
    ended: bool = False
