"""What has to be on the disk before one goes on."""

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Have a file, or a directory's entries, on the disk."""
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
