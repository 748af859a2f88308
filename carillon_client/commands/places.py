"""Where a follower stands, in a file: written whole, or not at all."""

import os
import sys
import tempfile
from pathlib import Path


class Place:
    """The cursor in a file; nowhere without one. Keep it after the event has been dealt with."""

    def __init__(self, file: str | None) -> None:
        self._file = Path(file) if file else None

    def read(self) -> str | None:
        """Read it; None where nothing was kept yet. Ends the program with a sentence where it cannot be read."""
        try:
            return self._file.read_text().strip() or None if self._file else None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeError) as error:
            sys.exit(f"{self._file} cannot be read: {error}.")

    def keep(self, cursor: str) -> None:
        """Write it beside, then rename. Ends the program with a sentence where it cannot be written."""
        if self._file is None:
            return
        try:
            number, beside = tempfile.mkstemp(dir=self._file.parent, prefix=f".{self._file.name}.")
            with os.fdopen(number, "w") as file:
                file.write(cursor + "\n")
                file.flush()
                os.fsync(number)
            Path(beside).replace(self._file)
        except OSError as error:
            sys.exit(f"{self._file} cannot be written: {error}.")
