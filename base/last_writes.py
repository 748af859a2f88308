"""What a browser has changed last, as a place in the database's log: its pages are read where that has arrived. Only
where there is a replica.

A cookie says so to all hosts. It is no secret, and who changes it sees what is a few seconds old.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from base import replicas

KEPT = 60  # seconds: no replica that is asked is so far behind
READING = ("GET", "HEAD", "OPTIONS", "TRACE")
UNKNOWN = "unknown"


class LastWritesMiddleware:
    """Tell whoever sent a form how far the log was written then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in READING:
            _tell(response)
        return response


def last_write(request: HttpRequest) -> int | None:
    """Give the place; 0 where nothing was changed lately, None where it is not known."""
    text = request.COOKIES.get(_cookie(), "0")
    return int(text) if re.fullmatch("[0-9]{1,19}", text) else None


def _tell(response: HttpResponse) -> None:
    try:
        written = str(replicas.written())
    except DatabaseError:  # what was changed is answered all the same
        written = UNKNOWN
    response.set_cookie(
        _cookie(), written, max_age=KEPT, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )


def _cookie() -> str:
    return f"{settings.COOKIE_PREFIX}written"
