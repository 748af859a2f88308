"""Hashing passwords, which takes a processor's core for a third of a second: so many at a time, and nobody else waits
for it."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection

from base.connections import give_back
from base.errors import TooMany
from base.turns import Busy, Turns

AT_ONCE = 2  # in a process
MOST_WAITING = 20
PATIENCE = 8.0  # seconds
PATIENCE_INSIDE = 1.0  # seconds, of who keeps others waiting by their transaction

_turns = Turns(PATIENCE, MOST_WAITING)


class QueueingHasher(PBKDF2PasswordHasher):
    """Django's own hashes, one after the other. Whoever waits or hashes holds no connection of the database."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Hash, to make a password or to check one. Raises TooMany when too many wait."""
        inside = connection.in_atomic_block
        if connection.vendor == "postgresql" and not inside:  # a file is open to all
            give_back()
        try:
            with _turns.turn("hash", AT_ONCE, PATIENCE_INSIDE if inside else None):
                return super().encode(password, salt, iterations)
        except Busy as error:
            raise CrowdedDoor from error


class CrowdedDoor(TooMany):
    retry_after = 10

    def __init__(self) -> None:
        super().__init__(
            "Many people are signing in at once, and your turn did not come. Nothing was changed. Wait ten seconds, "
            "then try again."
        )
