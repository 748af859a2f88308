"""The offer to undo the last act: a signed cookie, so that it is on every page until ten minutes have passed or it is
taken or dismissed. A script that offers it itself asks for none."""

import json
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = f"{settings.COOKIE_PREFIX}undo"
SECONDS = 600


class Offer(NamedTuple):
    """`said`: what was done, in words. `mark`: its number."""

    said: str
    mark: int


def offer(response: HttpResponse, user_id: int, said: str, mark: int) -> None:
    response.set_signed_cookie(
        COOKIE,
        json.dumps([user_id, said[:500], mark]),
        salt=COOKIE,
        max_age=SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=settings.SESSION_COOKIE_PATH,
    )


def withdraw(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=settings.SESSION_COOKIE_PATH, samesite="Lax")


def offered(request: HttpRequest) -> Offer | None:
    """Read the offer that the visitor has, if it is theirs."""
    try:
        kept = request.get_signed_cookie(COOKIE, salt=COOKIE, max_age=SECONDS)
        user_id, said, mark = json.loads(str(kept))
    except (KeyError, ValueError, signing.BadSignature):
        return None
    return Offer(said, mark) if user_id == request.user.pk else None
