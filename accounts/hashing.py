"""Hashing passwords, which takes a processor's core for a third of a second: so many at a time, with less claim to the
processor than whatever else there is to do, and nobody holds a database connection for it."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection

from base.connections import give_back
from base.errors import TooMany
from base.turns import Busy, Turns

AT_ONCE = 2  # in a process
MOST_WAITING = 20
PATIENCE = 8.0  # seconds
PATIENCE_INSIDE = 1.0  # seconds, of who keeps others waiting by their transaction
NICENESS = 5

_turns = Turns(PATIENCE, MOST_WAITING)


def _give_way() -> None:
    """Let whoever has something quicker to do go first. On Linux this is a thread's own; elsewhere it does nothing."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_threads = ThreadPoolExecutor(AT_ONCE, "hashing", _give_way)


class QueueingHasher(PBKDF2PasswordHasher):
    """Django's own hashes, in a queue."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Hash, to make a password or to check one. Raises CrowdedDoor when too many wait."""
        inside = connection.in_atomic_block
        if connection.vendor == "postgresql" and not inside:  # a file is open to all
            give_back()
        try:
            with _turns.turn("hash", AT_ONCE, PATIENCE_INSIDE if inside else None):
                return _threads.submit(super().encode, password, salt, iterations).result()
        except Busy as error:
            raise CrowdedDoor from error


class CrowdedDoor(TooMany):
    retry_after = 10

    def __init__(self) -> None:
        super().__init__(
            "Many people are signing in at once, and your turn did not come. Nothing was changed. Wait ten seconds, "
            "then try again."
        )
