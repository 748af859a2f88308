"""Events as CSV and as JSON Lines, in the order in which they were written, a chunk at a time."""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from events.audit.changes import changes, texts_before
from events.audit.filters import Events, full_name
from events.audit.listing import people_in
from events.models import TaskEvent
from events.sentences import sentence
from events.sizes import fitting, written
from events.telling import Change

CHUNK = 500  # events: in memory there are never more
WRITTEN = 1024 * 1024  # bytes of what was written in them, nor more of these

Row = dict[str, Any]

COLUMNS = (
    "organization",
    "position",
    "task",
    "version",
    "time",
    "actor",
    "actor_id",
    "action",
    "sentence",
    "title",
    "changes",
    "details",
    "schema_version",
    "stream_id",
    "request_id",
    "digest",
    "about",
    "parts",
    "via",
)

# What a spreadsheet takes for the beginning of a formula, in full width too.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def rows_of(events: Events, last_id: int) -> Iterator[list[Row]]:
    """Yield chunks of `events` up to `last_id`. Each goes on after the one before it by id, so that no cursor stays
    open and no row is skipped or met twice; what is appended meanwhile lies beyond `last_id`."""
    after = 0
    while True:
        found = events.filter(pk__gt=after, pk__lte=last_id).order_by("pk")
        sizes = found.annotate(octets=written()).values_list("octets", flat=True)[:CHUNK]
        if not (chunk := list(found[: fitting(sizes, WRITTEN)])):
            return
        yield _rows(chunk)
        after = chunk[-1].pk


def as_csv(chunks: Iterator[list[Row]]) -> Iterator[bytes]:
    """Begin with a byte order mark, for spreadsheets take UTF-8 for something else without it."""
    yield b"\xef\xbb\xbf" + _lines([dict(zip(COLUMNS, COLUMNS, strict=True))])
    for rows in chunks:
        yield _lines([row | _flat(row) for row in rows])


def as_json_lines(chunks: Iterator[list[Row]]) -> Iterator[bytes]:
    for rows in chunks:
        yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


Format = Callable[[Iterator[list[Row]]], Iterator[bytes]]
FORMATS: dict[str, tuple[str, str, Format]] = {
    "csv": ("CSV", "text/csv; charset=utf-8", as_csv),
    "jsonl": ("JSON Lines", "application/jsonl; charset=utf-8", as_json_lines),
}


def _rows(events: list[TaskEvent]) -> list[Row]:
    people = people_in(events)
    shown = {user_id: user.display_name for user_id, user in people.items()}
    full = {user_id: full_name(user) for user_id, user in people.items()}
    before = texts_before(events)
    return [_row(event, sentence(event, shown), changes(event, full, before)) for event in events]


def _row(event: TaskEvent, told: str, changed: list[Change]) -> Row:
    """Give `details` as stored: with the digest of a free text in place of the text, which stands in `changes`."""
    return {
        "organization": event.organization.slug,
        "position": event.position,
        "task": event.key,
        "version": event.version,
        "time": event.created_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "actor": full_name(event.actor),
        "actor_id": event.actor_id,
        "action": event.action,
        "sentence": told,
        "title": event.subject,
        "changes": [change._asdict() for change in changed],
        "details": event.details,
        "schema_version": event.schema_version,
        "stream_id": str(event.stream_id),
        "request_id": event.request_id,
        "digest": event.digest,
        "about": event.about.name,
        "parts": event.parts,
        "via": event.via or "",
    }


def _flat(row: Row) -> Row:
    changed = (
        f"{each['field']}: {_value(each['before'])} → {_value(each['after'])}" for each in row["changes"]
    )
    return {
        "changes": "\n".join(changed),
        "details": json.dumps(row["details"], ensure_ascii=False, sort_keys=True),
    }


def _value(text: str | None) -> str:
    return "nothing" if text is None else text


def _lines(rows: list[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, quoting=csv.QUOTE_ALL)
    writer.writerows({column: harmless(row[column]) for column in COLUMNS} for row in rows)
    return out.getvalue().encode()


def harmless(cell: Any) -> Any:
    """Put an apostrophe before a text that a spreadsheet would calculate; it shows it as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
