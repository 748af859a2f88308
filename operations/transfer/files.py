"""Files of lines, packed where their names end in `.gz`: written beside and renamed once they are whole; read a line at
a time, however long or however tightly packed they are."""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from base.durable import flush

LONGEST = 1 << 24  # bytes of a line: no event comes near


class UnusableFile(ValueError):
    """It cannot be read as lines; the message says why."""


def write(path: Path, lines: Iterable[bytes]) -> None:
    """Write the file whole or not at all. It is for its owner alone: what people wrote stands in it. Raises OSError."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as plain:
            _write(plain, lines, packed=path.suffix == ".gz")
            plain.flush()
            os.fsync(plain.fileno())
        unfinished.rename(path)
        flush(path.parent)
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _write(plain: IO[bytes], lines: Iterable[bytes], *, packed: bool) -> None:
    if not packed:
        plain.writelines(lines)
        return
    with gzip.GzipFile(filename="", fileobj=plain, mode="wb", mtime=0) as file:
        for line in lines:
            file.write(line)


def read(path: Path) -> Iterator[bytes]:
    """Read the lines with their ends. Raises UnusableFile, OSError."""
    with path.open("rb") as plain, ExitStack() as stack:
        packed = path.suffix == ".gz"
        file = stack.enter_context(gzip.GzipFile(fileobj=plain)) if packed else plain
        try:
            while line := file.readline(LONGEST + 1):
                if len(line) > LONGEST:
                    raise UnusableFile(f"has a line of more than {LONGEST // 2**20} MiB, which no export has")
                yield line
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnusableFile(f"cannot be unpacked: {error}") from error
