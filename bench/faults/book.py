"""The book of a writer: where it writes to, and a line for everything that it wrote."""

import threading
from pathlib import Path
from uuid import UUID

import msgspec

ROLLED_BACK = "rolled back"


class Target(msgspec.Struct):
    """An organization to write to."""

    org_id: int
    actor_id: int
    task_ids: list[UUID]


class Written(msgspec.Struct):
    """A line of the book. Moments are monotonic, which is one clock for all processes of a machine."""

    org_id: int
    began: float
    ended: float
    positions: list[int]
    error: str = ""


class Book:
    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def enter(self, written: Written) -> None:
        with self._lock:
            self._file.write(msgspec.json.encode(written) + b"\n")
