"""A file of rows, as programs write them: any of the usual encodings and separators. Pure.

Python's `csv` reads it. Its sniffer guesses by letters and is often wrong; what separates columns is what gives
most rows as many cells as the first has.
"""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from base.errors import Invalid

MOST_BYTES = 700_000  # so that the same can come back in a form's body
MOST_ROWS = 1_000
MOST_COLUMNS = 50
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LOOKED_AT = 50  # rows by which the separator is found


class Row(NamedTuple):
    line: int  # in the file, where it begins
    cells: list[str]


class Table(NamedTuple):
    separator: str
    header: list[str]
    rows: list[Row]


def decoded(raw: bytes) -> tuple[str, str]:
    """Read the characters of a file. Returns them with the encoding's name; raises Invalid."""
    _require_small(raw)
    for encoding, name in _encodings(raw):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        _require_small(text.encode())
        return text, name
    raise Invalid("The file is no text that can be read. Save it as CSV in UTF-8.")


def _require_small(raw: bytes) -> None:
    if len(raw) > MOST_BYTES:
        raise Invalid(f"The file has {len(raw):,} bytes; {MOST_BYTES:,} is the limit. Split it.")


def _encodings(raw: bytes) -> Iterator[tuple[str, str]]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16", "UTF-16"
    elif raw[:2].count(0) == 1:  # a letter of Latin beside its zero
        yield ("utf-16-be" if raw[0] == 0 else "utf-16-le"), "UTF-16"
    yield "utf-8-sig", "UTF-8"
    if 0 not in raw:
        yield "cp1252", "Windows-1252"


def table_of(text: str) -> Table:
    """Read the rows. Raises Invalid where there are none or too many, or a quotation mark is not closed."""
    if not text.strip():
        raise Invalid(
            "There is nothing in it. Choose a file with a row of names and then a row for each task."
        )
    if "\0" in text:
        raise Invalid("The file has characters that no text has (NUL). Save it as CSV in UTF-8.")
    separator = max(SEPARATORS, key=lambda each: _fits(text, each))
    rows = list(_rows(text, separator))
    if not rows:
        raise Invalid("There is nothing in it but empty rows.")
    (_, header), *others = rows
    if len(header) > MOST_COLUMNS:
        raise Invalid(f"It has {len(header)} columns; {MOST_COLUMNS} is the limit.")
    if not others:
        raise Invalid("It has no rows below the first, which names the columns.")
    return Table(separator, [cell.strip() for cell in header], others)


def _fits(text: str, separator: str) -> tuple[int, int]:
    """Say how well a separator fits: rows with as many cells as the first, and how many those are."""
    try:
        rows = [row.cells for row, _ in zip(_rows(text, separator), range(LOOKED_AT), strict=False)]
    except Invalid:
        rows = []
    cells = len(rows[0]) if rows else 0
    return (sum(len(row) == cells for row in rows), cells) if cells > 1 else (0, cells)


def _rows(text: str, separator: str) -> Iterator[Row]:
    found, line, count = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1, 0
    try:
        for cells in found:
            if any(cell.strip() for cell in cells):
                count += 1
                if count > MOST_ROWS + 1:
                    raise Invalid(f"It has more than {MOST_ROWS:,} rows. Split it.")
                yield Row(line, cells)
            line = found.line_num + 1
    except csv.Error as error:
        raise Invalid(f"The row that begins at line {line:,} cannot be read: {error}.") from error
