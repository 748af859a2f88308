"""Stylesheets in one piece: where one names its parts in `@import` lines, it is served with the parts in their place.

There is nothing to build: whoever serves the folder as it is shows the same, in more requests.
"""

import re
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

IMPORT = re.compile(r'^@import "([\w./-]+)";$', re.MULTILINE)


def whole(stylesheet: Path) -> str | None:
    """Return its text with each part in its place; None for one that names no parts."""
    text = stylesheet.read_text()
    if not IMPORT.search(text):
        return None
    return IMPORT.sub(lambda part: (stylesheet.parent / part[1]).read_text().strip(), text)


class Bundles(FileSystemStorage):
    """A folder of static files that gives its stylesheets in one piece."""

    prefix = ""

    def open(self, name: str, mode: str = "rb") -> "File[Any]":
        text = whole(Path(self.path(name))) if name.endswith(".css") else None
        return super().open(name, mode) if text is None else ContentFile(text.encode(), name)


class BundlingFinder(FileSystemFinder):
    """Finds what Django's own finds, and stylesheets in one piece."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storages = {root: Bundles(location=root) for root in self.storages}
