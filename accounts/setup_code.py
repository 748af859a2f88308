"""The code that lets whoever runs an empty installation make its first account: it follows from SECRET_KEY, and stands
in no log and no database. `manage.py setup_code` prints it."""

import base64

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import constant_time_compare, salted_hmac

from base.errors import TooMany

GUESSES = 10  # wrong ones of one address in an hour
HOUR = 3600  # seconds
LETTERS = 16  # of 32 each: 80 bits


def setup_code() -> str:
    mac = salted_hmac("carillon.setup_code", "first account", algorithm="sha256").digest()
    letters = base64.b32encode(mac).decode().lower()[:LETTERS]
    return "-".join(letters[at : at + 4] for at in range(0, LETTERS, 4))


def is_needed() -> bool:
    return not settings.DEBUG


def is_right(typed: str, address: str) -> bool:
    """Compare what was typed at this address, whatever its case and dashes. Raises TooMany after too many guesses."""
    key = f"setup code {address}"
    if cache.get(key, 0) >= GUESSES:
        raise TooMany("Too many wrong codes. Wait an hour, then type what manage.py setup_code prints.")
    letters = "".join(filter(str.isalnum, typed.lower()))
    if constant_time_compare(letters, setup_code().replace("-", "")):
        return True
    cache.add(key, 0, HOUR)
    cache.incr(key)
    return False
