"""Everything that is kept of a person, as one JSON document, made while it is sent."""

from collections.abc import Iterator
from itertools import islice

import msgspec
from django.utils import timezone

from orgs import personal_data
from orgs.models import User

ROWS = 100  # in one part of the answer


def export_of(user: User) -> Iterator[bytes]:
    """Make it part by part: an object with a list of rows under each name."""
    yield b'{"made_at": ' + msgspec.json.encode(timezone.now())
    for name, rows in personal_data.told(user):
        yield b',\n"%s": [' % name.encode()
        yield from _parts(iter(rows))
        yield b"]"
    yield b"}\n"


def _parts(rows: personal_data.Rows) -> Iterator[bytes]:
    comma, rows = b"\n", iter(rows)
    while part := [msgspec.json.encode(row) for row in islice(rows, ROWS)]:
        yield comma + b",\n".join(part)
        comma = b",\n"
