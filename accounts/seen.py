"""When each session was seen last: written once in some minutes, not by every request, and never waited for."""

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from base.seldom import Seldom

SIGHTINGS: Seldom[str] = Seldom(pause=300.0, most=20_000)


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
    # Without an address there is nothing to note yet.
    SIGHTINGS.note([key], lambda _: UserSession.objects.create_from_request(request), PermissionDenied)
