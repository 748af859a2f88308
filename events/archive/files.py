"""A file of the archive: JSON Lines in gzip, a header and then a line for each event of a part of one log, exactly what
its digest covers, with the text beside it. The file's own digest covers all but the texts, so that they can be erased
and it still verifies."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from base.durable import flush
from events.archive.receipts import file_name
from events.chain import EventRow
from events.digests import canonical
from events.origins import Origins

FORMAT = 1
LONGEST = 1 << 24  # bytes of a line: no event comes near, and what is packed may be without an end
UNREADABLE = (ValueError, RecursionError)  # ValueError: msgspec's too
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="sorted").encode


class UnusableFile(ValueError):
    """It is no file of the archive, or not as it was written."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    format: int
    org: str  # the short name that it had, for people
    organization: int
    first: int
    last: int
    before: str  # the digest of the event before the first
    after: str  # the digest of the last
    count: int
    digest: str  # the file's own
    # Up to which positions the events have another number of the organization: they were written elsewhere.
    origins: list[tuple[int, int]] = []

    def organization_at(self, position: int) -> int:
        found = (organization for upto, organization in self.origins if position <= upto)
        return next(found, self.organization)

    @property
    def place(self) -> tuple[int, int, int]:
        return self.organization, self.first, self.last


class Text(msgspec.Struct, frozen=True):
    nonce: str
    body: str


class Place(msgspec.Struct, frozen=True):
    """What must stand in an event, whatever else does."""

    organization: int
    position: int
    stream: str
    version: int
    action: str
    schema_version: int
    details: dict[str, Any]


class Written(msgspec.Struct, frozen=True):
    event: dict[str, Any]
    id: int
    digest: str
    text: Text | None


class Line(NamedTuple):
    """One event: the fields that its digest covers, and what stands beside them."""

    event: dict[str, Any]
    id: int
    digest: str
    text: Text | None

    @property
    def position(self) -> int:
        return int(self.event["position"])

    @classmethod
    def of(cls, row: EventRow, origins: Origins) -> "Line":
        """Write an event as its digest covers it."""
        text = None if row.nonce is None or row.body is None else Text(row.nonce, row.body)
        return cls(_decode(canonical(origins.as_written(row))), row.id, row.digest, text)

    @classmethod
    def read(cls, line: bytes) -> "Line":
        found = _read_line(line)
        msgspec.convert(found.event, Place)
        return cls(found.event, found.id, found.digest, found.text)

    def canonical(self) -> bytes:
        """Give the bytes that its digest covers."""
        return _encode(self.event)

    def without_text(self) -> bytes:
        return _encode({"event": self.event, "id": self.id, "digest": self.digest})

    def written(self) -> bytes:
        text = None if self.text is None else {"nonce": self.text.nonce, "body": self.text.body}
        return _encode({"event": self.event, "id": self.id, "digest": self.digest, "text": text}) + b"\n"

    def chained(self, previous: str) -> str:
        """Compute the digest that it must have after this one."""
        return hashlib.sha256(previous.encode() + self.canonical()).hexdigest()


_read_line = msgspec.json.Decoder(Written).decode


def path_of(directory: Path, organization_id: int, first: int, last: int) -> Path:
    return directory / file_name(organization_id, first, last)


def header_of(
    org: str,
    organization_id: int,
    first: int,
    before: str,
    lines: Iterable[Line],
    origins: list[tuple[int, int]],
) -> Header:
    """Make the header of a file of these lines, one at least."""
    digest, count, last = hashlib.sha256(), 0, (0, "")
    for line in lines:
        digest.update(line.without_text() + b"\n")
        count, last = count + 1, (line.position, line.digest)
    place = {"organization": organization_id, "first": first, "last": last[0]}
    return Header(
        format=FORMAT,
        org=org,
        before=before,
        after=last[1],
        count=count,
        digest=digest.hexdigest(),
        origins=origins,
        **place,
    )


def write(path: Path, header: Header, lines: Iterable[Line]) -> None:
    """Write the file under a name of its own, read it back, and only then give it its name. Raises OSError,
    FileExistsError where there is one already, and UnusableFile where it does not read as it was written."""
    if path.exists():
        raise FileExistsError(17, "it is there already", str(path))
    replace(path, header, lines)


def replace(path: Path, header: Header, lines: Iterable[Line]) -> None:
    """Do as `write`, in the place of the file that is there."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        # What people wrote stands in it: for its owner alone, and never through a link.
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as plain:
            with gzip.GzipFile(filename="", fileobj=plain, mode="wb", mtime=0) as packed:
                packed.write(msgspec.json.encode(header) + b"\n")
                for line in lines:
                    packed.write(line.written())
            plain.flush()
            os.fsync(plain.fileno())
        if verified(unfinished) != header:
            raise UnusableFile(f"{path.name} does not read as it was written")
        unfinished.rename(path)
        flush(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def verified(path: Path) -> Header:
    """Read the whole file. Returns its header where everything but the texts holds; raises UnusableFile, OSError."""
    header, lines = opened(path)
    digest, count, before, position = hashlib.sha256(), 0, header.before, header.first - 1
    for line in lines:
        digest.update(line.without_text() + b"\n")
        place = (line.event.get("organization"), line.position)
        expected = header.organization_at(position + 1), position + 1
        if place != expected or line.chained(before) != line.digest:
            raise UnusableFile(f"{path.name}: its chain breaks at position {position + 1}")
        count, before, position = count + 1, line.digest, line.position
    if (count, before, position) != (header.count, header.after, header.last):
        raise UnusableFile(f"{path.name} ends at position {position}, and should at {header.last}")
    if digest.hexdigest() != header.digest:
        raise UnusableFile(f"{path.name} is not what its own digest covers")
    return header


def opened(path: Path) -> tuple[Header, Iterator[Line]]:
    """Read the header, and the lines as they are asked for. Raises UnusableFile, OSError."""
    lines = _lines(path)
    try:
        header = msgspec.json.decode(next(lines, b""), type=Header)
    except UNREADABLE as error:
        raise UnusableFile(f"{path.name} is no file of the archive: {error}") from error
    if header.format != FORMAT:
        raise UnusableFile(f"{path.name} has the format {header.format}, which this release does not know")
    return header, _read(path, lines)


def _read(path: Path, lines: Iterator[bytes]) -> Iterator[Line]:
    for number, line in enumerate(lines, start=2):
        try:
            yield Line.read(line)
        except UNREADABLE as error:
            raise UnusableFile(f"{path.name}, line {number}, is no event: {error}") from error


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as packed:
            while line := packed.readline(LONGEST + 1):
                if len(line) > LONGEST:
                    raise UnusableFile(f"{path.name} has a line that is longer than any event")
                yield line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnusableFile(f"{path.name} cannot be unpacked: {error}") from error
