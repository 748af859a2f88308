"""Lets a token speak for its user under `/api/`: before a cookie, and without what guards forms from other sites."""

from collections.abc import Callable
from contextlib import suppress

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from base.correlation import Via, through
from base.errors import DomainError
from config.errors import database_unavailable, domain_error
from config.limits import READING
from config.unavailable import unavailable
from orgs.access_record import Kind, note
from orgs.limited import limited_to
from orgs.models import User
from realtime.addresses import address_of
from tokens.authentication import bearer_by, refuse_in_address, token_in_header
from tokens.bearers import Bearer
from tokens.using import note_uses

API = "/api/"


class BearerMiddleware:
    """Stands within Django's own of sessions and users, whose answers it replaces. `request.token` is None without a
    token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.token = None  # type: ignore[attr-defined]
        if not request.path_info.startswith(API):
            return self.get_response(request)
        try:
            bearer = _bearer(request)
        except DomainError as error:
            return domain_error(request, error)
        except Exception as error:
            if kind := unavailable(error):
                return database_unavailable(request, error, kind)
            raise
        if bearer is None or bearer.token is None:
            return self.get_response(request)
        _speaks(request, bearer)
        via = bearer.token.via
        with through(via), limited_to(bearer.token.organization_id):
            response = self.get_response(request)
        note_uses([bearer.token.id])
        if request.method not in READING and response.status_code < 400 and not via.is_logged:
            _note_act(request, bearer.user, via)
        return response


def _note_act(request: HttpRequest, user: User, via: Via) -> None:
    """Keep what the token did that stands in no log, such as a mark. Others who write are not waited for."""
    match = request.resolver_match
    with suppress(DatabaseError):
        note(
            Kind.TOKEN_ACTED,
            user.pk,
            f"{via}: {request.method} {match.route if match else request.path_info}",
        )


def _bearer(request: HttpRequest) -> Bearer | None:
    refuse_in_address(request.META.get("QUERY_STRING", ""))
    text = token_in_header(request.headers.get("Authorization", ""))
    return None if text is None else bearer_by(text, address_of(request.META.get("REMOTE_ADDR", "")) or "")


def _speaks(request: HttpRequest, bearer: Bearer) -> None:
    """Let the request be the token's alone: no cookie is read, and none is set."""

    async def auser() -> User:
        return bearer.user

    request.META.pop("HTTP_COOKIE", None)
    request.COOKIES = {}
    request.session = type(request.session)()
    request.user, request.auser, request.token = bearer.user, auser, bearer.token  # type: ignore[attr-defined]
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
