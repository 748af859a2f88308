"""Static files as one release: read once in each process, and a digest over all of them begins the address of each.

Imports of scripts and `url()` of stylesheets stay relative, so that they lead to files of the same release.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.storage import FileSystemStorage
from django.utils.functional import cached_property


def digest_of(files: Mapping[str, bytes]) -> str:
    """Return 12 hex digits that stand for these names and contents."""
    whole = sha256()
    for name, content in sorted(files.items()):
        whole.update(sha256(name.encode()).digest() + sha256(content).digest())
    return whole.hexdigest()[:12]


@cache
def release() -> dict[str, bytes]:
    """Read every file. What is put in its place later belongs to the next release, and to its processes."""
    found: dict[str, bytes] = {}
    for finder in get_finders():
        for name, storage in finder.list(None):
            if name not in found:
                with storage.open(name) as file:
                    found[name] = file.read()
    return found


@cache
def digest() -> str:
    return digest_of(release())


def as_it_is_now(name: str) -> bytes | None:
    """Read one file anew; None where there is none."""
    for storage in _storages():
        with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError), storage.open(name) as file:
            return bytes(file.read())
    return None


def _storages() -> Iterator[FileSystemStorage]:
    for finder in get_finders():
        yield from finder.storages.values()  # type: ignore[attr-defined]


class ReleaseStorage(StaticFilesStorage):
    """`{% static %}` leads to this release, and `collectstatic` copies it to a folder of its own, beside those that
    open pages may still ask for. With DEBUG files change while the process runs: no digest would be true."""

    @cached_property
    def base_url(self) -> str:
        return settings.STATIC_URL if settings.DEBUG else f"{settings.STATIC_URL}{digest()}/"

    @cached_property
    def location(self) -> str:
        return str(Path(settings.STATIC_ROOT) if settings.DEBUG else Path(settings.STATIC_ROOT) / digest())
