"""What one person reads at a time: whoever opens twenty pages, or asks for what is slow, waits for their own first."""

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, reverse

from base.turns import Busy, Turns
from config.errors import database_unavailable
from config.unavailable import CROWDED

AT_ONCE = 4  # of the ten connections

_turns = Turns()


class ReadsMiddleware:
    """Only what reads: writers have places of their own to wait in, and shall not keep their pages from anybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _reads_as_somebody(request):
            return self.get_response(request)
        try:
            with _turns.turn(f"reads-{request.user.pk}", AT_ONCE):
                return self.get_response(request)
        except Busy as error:
            return database_unavailable(request, error, CROWDED)


def _reads_as_somebody(request: HttpRequest) -> bool:
    """Say whether somebody signed in reads, without a question to the database for those who have no session
    and no token, nor for the health, which needs none."""
    return bool(
        request.method in ("GET", "HEAD")
        and (settings.SESSION_COOKIE_NAME in request.COOKIES or getattr(request, "token", None))
        and request.path != _health(get_script_prefix())
        and request.user.is_authenticated
    )


@cache
def _health(_prefix: str) -> str:
    return reverse("health")
