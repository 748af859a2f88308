"""Where workers lay their figures down for the process that started them: a file each in a folder of its own, written
anew every few seconds and at the end. Whoever writes holds a lock for as long as it lives, so that the end of a process
is known however it came, and nothing is left lying."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from base import snapshots
from base.snapshots import Snapshot

logger = logging.getLogger(__name__)

EVERY = 5.0  # seconds between two writes: what the figures of a killed worker may lack
PREFIX = "carillon-figures-"
LOCK = ".lock"


class Shelf:
    """The parent's side."""

    def __init__(self) -> None:
        """Make the folder. Raises OSError."""
        _remove_abandoned()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = _locked(self.folder / LOCK)
        self._gone = Snapshot(0, 0.0, [])
        self._reading = threading.Lock()

    def read(self) -> list[Snapshot]:
        """Give the snapshots of the workers that live, and what those that ended have counted."""
        with self._reading:
            live = []
            for file in sorted(self.folder.glob("*.json")):
                snapshot = _read(file)
                if snapshot is None:
                    continue
                if _is_held(file.with_suffix(LOCK)):
                    live.append(snapshot)
                else:
                    self._put_away(file)
            return [*live, self._gone]

    def remove(self) -> None:
        os.close(self._lock)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _put_away(self, file: Path) -> None:
        """Keep its counts as they are now: it has ended, and the last that it wrote may have come this moment."""
        if last := _read(file):
            self._gone = snapshots.gone([self._gone, last])
        file.unlink(missing_ok=True)
        file.with_suffix(LOCK).unlink(missing_ok=True)


@contextmanager
def laid_down(folder: str) -> Iterator[None]:
    """Write this process's figures to the folder until the block ends, and once more then; '' means that nobody shows
    them."""
    if not folder:
        yield
        return
    writer = _Writer(Path(folder))
    writer.start()
    try:
        yield
    finally:
        writer.stop()


class _Writer:
    """A full disk costs figures and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._lock: int | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="figures", daemon=True)
        self._is_failing = False

    def start(self) -> None:
        self._write()
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(EVERY)
        self._write()

    def _run(self) -> None:
        while not self._stopped.wait(EVERY):
            self._write()

    def _write(self) -> None:
        try:
            if self._lock is None:
                self._lock = _locked(self._file.with_suffix(LOCK))
            new = self._file.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(snapshots.taken()))
            new.replace(self._file)
            self._is_failing = False
        except OSError as error:
            if not self._is_failing:
                logger.warning("The figures of this process cannot be written: %s", error.strerror)
            self._is_failing = True


def _read(file: Path) -> Snapshot | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Snapshot)
    except (OSError, msgspec.MsgspecError):  # of another release, or gone this moment
        return None


def _locked(file: Path) -> int:
    """Take the lock for as long as the descriptor is open. Raises OSError."""
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def _is_held(file: Path) -> bool:
    """Say whether somebody alive has it."""
    try:
        os.close(_locked(file))
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _remove_abandoned() -> None:
    """Remove the folders of parents that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if (folder / LOCK).exists() and not _is_held(folder / LOCK):
                shutil.rmtree(folder, ignore_errors=True)
