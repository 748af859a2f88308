"""Stylesheets in one piece: where one names its parts in `@import` lines, it is served with the parts in their place.

There is nothing to build: whoever serves the folder as it is shows the same, in more requests.
"""

import logging
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import FileSystemStorage

logger = logging.getLogger(__name__)

IMPORT = re.compile(r'^@import "([\w./-]+)";$', re.MULTILINE)


def whole(stylesheet: Path) -> str | None:
    """Return its text with each part in its place; None for one that names no parts."""
    text = stylesheet.read_text()
    if not IMPORT.search(text):
        return None
    return IMPORT.sub(lambda part: (stylesheet.parent / part[1]).read_text().strip(), text)


class Bundles(FileSystemStorage):
    """The stylesheets made from parts, as files named after their content: a process of another release has its own."""

    def __init__(self) -> None:
        super().__init__(location=settings.BUNDLES_ROOT)
        self._paths: dict[str, str] = {}

    def path(self, name: str) -> str:
        return self._paths[name]

    def keep(self, name: str, stylesheet: Path) -> bool:
        """Make it from its parts. False where it has none, or where there is no room: it then goes out as it is."""
        if (text := whole(stylesheet)) is None:
            return False
        kept = Path(self.location) / f"{sha256(text.encode()).hexdigest()[:16]}.css"
        try:
            if not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                beside = kept.with_suffix(f".{uuid4().hex}")
                beside.write_text(text)
                beside.replace(kept)
        except OSError as error:
            logger.warning("%s is served in parts: %s", name, error)
            return False
        self._paths[name] = str(kept)
        return True


class BundlingFinder(FileSystemFinder):
    """Finds what Django's own finds, and stylesheets in one piece."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bundles = Bundles()

    def find_location(self, root: str, path: str, prefix: str | None = None) -> str | None:
        found = super().find_location(root, path, prefix)
        if found and path.endswith(".css") and self._bundles.keep(path, Path(found)):
            return self._bundles.path(path)
        return found

    def list(self, ignore_patterns: Any) -> Iterator[Any]:
        for path, storage in super().list(ignore_patterns):
            made = path.endswith(".css") and self._bundles.keep(path, Path(storage.path(path)))
            yield path, self._bundles if made else storage
