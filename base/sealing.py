"""Seals what has to be read again but must not stand in a database or a backup as it is. The key is derived from
SECRET_KEY; what an older key has sealed is read as long as that stands in SECRET_KEY_FALLBACKS."""

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """It was sealed with a key that is not known any more."""


def seal(content: bytes) -> str:
    return _seals(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(content).decode()


def unseal(sealed: str) -> bytes:
    """Read it. Raises Unreadable."""
    try:
        return _seals(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(sealed.encode())
    except InvalidToken:
        raise Unreadable from None


@cache
def _seals(*keys: str) -> MultiFernet:
    """Make what seals with the first and opens with all of them."""
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hmac.digest(key.encode(), b"carillon sealing", hashlib.sha256))
