"""Answers to what went wrong: domain errors become 4xx pages or JSON, a database that is away becomes 503."""

import logging
import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from events.correlation import current_request_id
from orgs.errors import DomainError

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)


class ErrorMiddleware:
    """Answers what views raise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return domain_error(request, error)
        if isinstance(error, DATABASE_AWAY):
            return database_away(request, error)
        return None


def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    if _wants_json(request):
        response: HttpResponse = _json(error.code, error.message, error.status)
    else:
        response = render(request, f"{error.status}.html", {"message": error.message}, status=error.status)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def database_away(request: HttpRequest, error: BaseException) -> HttpResponse:
    logger.error("The database does not answer: %s", (str(error).splitlines() or [""])[0])
    if _wants_json(request):
        response: HttpResponse = _json(
            "unavailable", "The database does not answer. Nothing is lost; try again in a moment.", 503
        )
    else:
        response = HttpResponse(render_to_string("503.html", _for_report()), status=503)
    response["Retry-After"] = "5"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`: what a middleware or a template raised, and our own mistakes."""
    error = sys.exc_info()[1]
    if isinstance(error, DATABASE_AWAY):
        return database_away(request, error)
    if _wants_json(request):
        return _json("failed", "Something failed on our side. Nothing is lost.", 500)
    return HttpResponse(render_to_string("500.html", _for_report()), status=500)


def _for_report() -> dict[str, str]:
    """What a person may quote: the log's lines of this request carry the same id."""
    return {"request_id": current_request_id()}


def _json(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.headers.get("Accept") == "application/json"
