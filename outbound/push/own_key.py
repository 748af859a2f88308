"""The installation's own key (VAPID), by which push services know who sends. Without one desktop push is off."""

import time
from email.utils import parseaddr
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
    """Sign for it. A push service that has something to say writes to where our mails come from."""
    contact = f"mailto:{parseaddr(settings.MAIL_FROM)[1]}"
    return authorization(_signer(settings.PUSH_KEY), endpoint, contact, time.time())


@cache
def _signer(key: str) -> Vapid02:
    return signer(key)
