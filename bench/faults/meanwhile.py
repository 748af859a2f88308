"""Somebody who does something all the while that a row goes on."""

import threading
from typing import Self


class Meanwhile(threading.Thread):
    """Subclasses say in `run` what, and look at `_leave` between two times. It ends with the `with` block."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._leave = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def leave(self) -> None:
        self._leave.set()

    def __exit__(self, *_: object) -> None:
        self.leave()
        self.join()
