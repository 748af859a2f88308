"""When each session was seen last: written once in some minutes, not by every request, and never waited for."""

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from base.transactions import write_transaction

OFTEN = 300.0  # seconds in which a process notes a session once
SESSIONS = 20_000  # which it remembers to have noted

_noted: dict[str, float] = {}


class SeenMiddleware:
    """Notes after the answer is made. A session from before there was a list comes into it so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = getattr(
            request, "_cached_user", None
        )  # whoever answered has looked; nobody is looked up for this
        if user is not None and user.is_authenticated and request.session.session_key:
            note(request, request.session.session_key)
        return response


def note(request: HttpRequest, key: str) -> None:
    """Note that the session of that key was seen, with its address and browser of now."""
    now = time.monotonic()
    if now - _noted.get(key, -OFTEN) < OFTEN:
        return
    if len(_noted) >= SESSIONS:
        _noted.clear()
    _noted[key] = now
    try:
        with write_transaction(patience=0):
            UserSession.objects.create_from_request(request)
    except (DatabaseError, PermissionDenied):  # others write, or there is no address: the next one notes it
        _noted.pop(key, None)
