"""The installation's own key (VAPID), by which push services know who sends. Without one desktop push is off."""

import time
from functools import cache

from django.conf import settings
from py_vapid import Vapid02

from outbound.push.encryption import authorization, public_key, signer


def is_set_up() -> bool:
    return bool(settings.PUSH_KEY)


def own_public_key() -> str:
    """Write it as browsers take it; nothing where push is off."""
    return public_key(_signer(settings.PUSH_KEY)) if is_set_up() else ""


def own_authorization(endpoint: str) -> str:
    return authorization(_signer(settings.PUSH_KEY), endpoint, settings.PUSH_CONTACT, time.time())


@cache
def _signer(key: str) -> Vapid02:
    return signer(key)
