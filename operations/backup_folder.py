"""A backup on a disk: a folder with the dump, the signed heads that it holds, and a signed manifest. It has its
name only when it is whole and flushed."""

import datetime as dt
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Self

import msgspec
from django.core.management.base import CommandError
from django.core.signing import BadSignature, Signer

from base.durable import flush
from events.management.command import CANNOT

MANIFEST, HEADS = "manifest.json", "heads.txt"
DUMPS = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}
NAME = re.compile(r"carillon-\d{8}-\d{6}(-\d+)?")
PARTIAL = ".carillon-partial-"


def cannot(sentence: str) -> CommandError:
    """Make the error of a command that could not do what it was told."""
    return CommandError(sentence, returncode=CANNOT)


class Part(msgspec.Struct, frozen=True):
    """A file of a backup."""

    size: int  # bytes
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        with path.open("rb") as file:
            return cls(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


class Manifest(msgspec.Struct, frozen=True):
    release: str
    engine: str  # Django's word for the database: postgresql or sqlite
    made_at: dt.datetime
    seconds: float
    migrations: list[str]  # that the database has, as `inbox.0001_initial`
    parts: dict[str, Part]

    @property
    def dump(self) -> str:
        return DUMPS[self.engine]

    def line(self) -> str:
        return _signer().sign(msgspec.json.encode(self).decode())


def _signer() -> Signer:
    return Signer(salt="carillon.backup")


class Backup:
    """One that is there. Raises CommandError with what is wrong of it, but reads no more than the manifest."""

    def __init__(self, path: Path, *, any_signature: bool = False) -> None:
        self.folder = path if path.is_dir() else path.parent
        self.manifest = _manifest(self.folder, any_signature=any_signature)

    @property
    def dump(self) -> Path:
        return self.folder / self.manifest.dump

    @property
    def heads(self) -> Path:
        return self.folder / HEADS

    def check(self) -> None:
        """Read every file. Raises CommandError where one is not what was written."""
        for name in (self.manifest.dump, HEADS):  # and nowhere else, whatever an unsigned manifest names
            path, part = self.folder / name, self.manifest.parts[name]
            try:
                size = path.stat().st_size
                if size != part.size:
                    raise cannot(f"{path} is cut off or changed: it has {size:,} bytes of {part.size:,}.")
                if Part.of(path) != part:
                    raise cannot(f"{path} is not what was written: its digest differs.")
            except OSError as error:
                raise cannot(f"{path} cannot be read: {error.strerror}.") from error


def _manifest(folder: Path, *, any_signature: bool) -> Manifest:
    path = folder / MANIFEST
    try:
        line = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise cannot(f"{folder} is no backup: {MANIFEST} cannot be read there.") from error
    try:
        text = line.rpartition(":")[0] if any_signature else _signer().unsign(line)
        manifest = msgspec.json.decode(text, type=Manifest)
    except BadSignature as error:
        raise cannot(
            f"{path} is not signed by this installation: it is another's, was changed, or SECRET_KEY is another now "
            "(SECRET_KEY_FALLBACKS takes older keys). --any-signature restores it all the same."
        ) from error
    except msgspec.MsgspecError as error:
        raise cannot(f"{path} holds no manifest: {error}.") from error
    if manifest.engine not in DUMPS or not {manifest.dump, HEADS} <= manifest.parts.keys():
        raise cannot(f"{path} names no dump and no heads.")
    return manifest


# --- Writing ------------------------------------------------------------------------------------------------


@contextmanager
def new_folder(directory: Path, moment: dt.datetime) -> Iterator[tuple[Path, Path]]:
    """Give a folder to fill, and the name that it gets when it is done; when that fails it is gone. One backup is
    written to a directory at a time. Raises CommandError."""
    with only_one(directory):
        _remove_leftovers(directory)
        partial = directory / f"{PARTIAL}{os.getpid()}"
        try:
            partial.mkdir(mode=0o700)
            name = _free_name(directory, f"carillon-{moment:%Y%m%d-%H%M%S}")
            yield partial, name
            flush(partial)
            partial.rename(name)
            flush(directory)
        except OSError as error:
            raise cannot(f"{directory} cannot be written: {error.strerror}.") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        held = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise cannot(f"{directory} cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise cannot(f"Another backup is being written to {directory}.") from error
    finally:
        os.close(held)


def write_flushed(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _free_name(directory: Path, name: str) -> Path:
    """Tell those of one second apart by a number."""
    names = (directory / (f"{name}-{number}" if number > 1 else name) for number in count(1))
    return next(path for path in names if not path.exists())


def _remove_leftovers(directory: Path) -> None:
    """Remove what a run that was killed has left: nobody else writes here."""
    for path in directory.glob(f"{PARTIAL}*"):
        shutil.rmtree(path, ignore_errors=True)


def remove_older(directory: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of this installation; others', other files and what a link leads to
    stay."""
    ours = []
    for path in directory.iterdir():
        if NAME.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            with suppress(CommandError):
                ours.append((Backup(path).manifest.made_at, path))
    gone = [path for _, path in sorted(ours)[:-keep]]
    for path in gone:
        (path / MANIFEST).unlink()  # first: what is half gone is no backup
        shutil.rmtree(path)
    return gone
