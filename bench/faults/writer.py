"""The process that writes: a thread for each organization. It does what its input says, line by line, and answers each
command with a line.

Every write stands in a file, the book, as soon as it is done, so that a killed writer leaves a true one.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import msgspec

from bench.faults.book import Book, Target, Written

if TYPE_CHECKING:
    from bench.faults.steady import Writer


def obey(writers: "list[Writer]", command: dict[str, Any]) -> Written | None:
    """Returns what was written on command."""
    writer = writers[command.get("target", 0)]
    match command:
        case {"do": "rate", "rate": rate}:
            for each in writers:
                each.set_rate(rate / len(writers))
            return None
        case {"do": "burst", "count": count, "size": size, "word": word}:
            return writer.order(lambda deeds: deeds.burst(count, size, word))
        case {"do": "hold", "seconds": seconds}:
            return writer.order(lambda deeds: deeds.hold(seconds))
        case {"do": "roll back"}:
            return writer.order(lambda deeds: deeds.roll_back())
        case {"do": "roll back to savepoint"}:
            return writer.order(lambda deeds: deeds.roll_back_to_savepoint())
        case {"do": "die unannounced"}:
            return writer.order(lambda deeds: deeds.die_unannounced())
    raise ValueError(f"unknown command {command}")


def main(path: Path) -> None:
    django.setup()
    from bench.faults.steady import Writer

    first = msgspec.json.decode(sys.stdin.buffer.readline())
    targets = msgspec.convert(first["targets"], list[Target])
    writers = [Writer(target, Book(path)) for target in targets]
    for writer in writers:
        writer.start()
    print("{}", flush=True)
    for line in sys.stdin.buffer:
        try:
            written = obey(writers, msgspec.json.decode(line))
        except Exception:  # noqa: BLE001 - whoever asked must not wait for ever
            traceback.print_exc()
            os._exit(1)
        print(msgspec.json.encode(written).decode(), flush=True)
    os._exit(0)  # threads may wait for a database that is gone


if __name__ == "__main__":
    main(Path(sys.argv[1]))
