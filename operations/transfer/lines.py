"""The lines of an export, each a JSON object with sorted keys: a header, people, events and what
people were told of, an end. Pure."""

import datetime as dt
from typing import Annotated, Any

import msgspec

from events.archive.facts import Sha256

FORMAT = 1
_encode = msgspec.json.Encoder(order="sorted").encode

Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Of one line or a part of it."""


class Organization(Shape, frozen=True):
    id: Id
    name: str
    short_name: str
    stream: str  # its own in the log


class WrittenElsewhere(Shape, frozen=True):
    """Up to this position the log came from another installation, where the organization had this number."""

    upto: Id
    organization: Id


class Header(Shape, frozen=True):
    format: int
    release: str
    installation: str  # its address
    made_at: dt.datetime
    organization: Organization
    position: Count  # where the log ends
    digest: Sha256
    head: str = ""  # the signed head (docs/history.md); none of an empty log
    origins: list[WrittenElsewhere] = []
    missing: Count = 0  # events that are in the archive, and not in this file


class Person(Shape, frozen=True):
    id: Id
    user_name: str
    name: str
    email: str = ""
    role: str = ""  # of a member
    closed: bool = False
    erased: bool = False


class Text(Shape, frozen=True):
    nonce: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{2}){1,16}$")]
    body: str


class Event(Shape, frozen=True):
    digest: Sha256
    event: msgspec.Raw
    text: Text | None = None


class Archived(Shape, frozen=True):
    """The events at these positions have left for the archive; the last of them has this digest."""

    first: Id
    last: Id
    digest: Sha256


class Notification(Shape, frozen=True):
    recipient: Id
    position: Id
    reason: str
    state: int
    read_at: dt.datetime | None = None
    snoozed_until: dt.datetime | None = None


class End(Shape, frozen=True):
    people: Count
    events: Count
    texts: Count
    notifications: Count
    digest: Sha256  # of all lines before, with their ends


class Line(Shape, frozen=True):
    """One of these; of an event three of its own fields."""

    header: Header | None = None
    person: Person | None = None
    archived: Archived | None = None
    notification: Notification | None = None
    end: End | None = None
    digest: Sha256 | None = None
    event: dict[str, Any] | None = None
    text: Text | None = None


def canonical_in(line: Line) -> bytes:
    """Give the bytes that the digest of an event's line covers."""
    return _encode(line.event)


def written(shape: Shape) -> bytes:
    """Write a line. An event's fields stand in it themselves, all others under their name."""
    whole = shape if isinstance(shape, Event) else {type(shape).__name__.lower(): shape}
    return _encode(whole) + b"\n"


_decode = msgspec.json.Decoder(Line).decode
_decode_plainly = msgspec.json.Decoder().decode


def read(line: bytes) -> Line:
    """Read a line. Raises ValueError where no export writes it so: in another order, with a key twice."""
    found = _decode(line)
    if _encode(_decode_plainly(line)) + b"\n" != line:
        raise ValueError("it is not written as an export writes it")
    return found
