"""Answers to what went wrong: domain errors become 4xx pages or JSON, what the database cannot do now becomes 503."""

import logging
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

from config.unavailable import Unavailable, unavailable
from events.correlation import current_request_id
from orgs.connections import client_has_left, gives_back
from orgs.errors import DomainError

logger = logging.getLogger(__name__)

RETRY_AFTER = 5  # seconds


class ErrorMiddleware:
    """Answers what views raise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return domain_error(request, error)
        if kind := unavailable(error):
            return database_unavailable(request, error, kind)
        return None


def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    if _wants_json(request):
        return _json(error.code, error.message, error.status)
    return render(request, f"{error.status}.html", {"message": error.message}, status=error.status)


def database_unavailable(request: HttpRequest, error: BaseException, kind: Unavailable) -> HttpResponse:
    first_line = (str(error).splitlines() or [""])[0]
    if client_has_left():
        logger.info("Stopped, for nobody waits for the answer: %s", first_line)
    else:
        logger.error("%s: %s", kind.logged, first_line)
    return _later(request, 503, kind.code, kind.heading, kind.words, RETRY_AFTER)


def too_many(request: HttpRequest, words: str, seconds: int) -> HttpResponse:
    return _later(request, 429, "too_many", "Slow down, please", words, seconds)


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`: what a middleware or a template raised, and our own mistakes."""
    error = sys.exc_info()[1]
    if error and (kind := unavailable(error)):
        return database_unavailable(request, error, kind)
    if _wants_json(request):
        return _json("failed", "Something failed on our side. Nothing is lost.", 500)
    return HttpResponse(render_to_string("500.html", _for_report()), status=500)


# Django answers what no view was reached for in a thread of its own, which nobody clears up after.
bad_request = gives_back(defaults.bad_request)
permission_denied = gives_back(defaults.permission_denied)
page_not_found = gives_back(defaults.page_not_found)


def _later(
    request: HttpRequest, status: int, code: str, heading: str, words: str, seconds: int
) -> HttpResponse:
    """To be sent again after so many seconds. The page asks the database for nothing."""
    if _wants_json(request):
        response: HttpResponse = _json(code, words, status)
    else:
        context = {"status": status, "heading": heading, "words": words} | _for_report()
        response = HttpResponse(render_to_string("later.html", context), status=status)
    response["Retry-After"] = str(seconds)
    return response


def _for_report() -> dict[str, str]:
    """What a person may quote: the log's lines of this request carry the same id."""
    return {"request_id": current_request_id()}


def _json(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.headers.get("Accept") == "application/json"
