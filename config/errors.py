"""Answers to what went wrong: domain errors become 4xx pages or JSON, what the database cannot do now becomes 503."""

import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, get_script_prefix, resolve

from base.answers import is_for_programs, wants_json
from base.connections import client_has_left, gives_back
from base.correlation import current_request_id
from base.database_troubles import tell
from base.errors import DomainError, Fault
from base.problems import problem
from config.unavailable import AWAY, FULL, READ_ONLY, Unavailable, unavailable
from orgs.pages import SAFE

logger = logging.getLogger(__name__)

RETRY_AFTER = 5  # seconds
ONCE = (AWAY, FULL, READ_ONLY)  # told of when it begins, and not for each request


class ErrorMiddleware:
    """Answers what views raise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return wrong_method(request, response) if isinstance(response, HttpResponseNotAllowed) else response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return domain_error(request, error)
        if kind := unavailable(error):
            return database_unavailable(request, error, kind)
        return None


def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    if wants_json(request):
        response = _json(request, error.code, error.message, error.status, error.faults)
    else:
        response = _page(request, error.status, error.message)
    for name, value in error.headers.items():
        response[name] = value
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    for name, value in error.headers.items():
        response[name] = value
    return response


def database_unavailable(request: HttpRequest, error: BaseException, kind: Unavailable) -> HttpResponse:
    first_line = (str(error).splitlines() or [""])[0]
    if client_has_left():
        logger.info("Stopped, for nobody waits for the answer: %s", first_line)
    elif kind in ONCE:
        tell(error)
    else:
        logger.error("%s: %s", kind.logged, first_line)
    return _later(request, 503, kind.code, kind.heading, kind.words, RETRY_AFTER)


def too_many(request: HttpRequest, words: str, seconds: int) -> HttpResponse:
    return _later(request, 429, "too_many", "Slow down, please", words, seconds)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what a middleware or a template raised, and our own mistakes (`handler500`)."""
    error = sys.exc_info()[1]
    if error and (kind := unavailable(error)):
        return database_unavailable(request, error, kind)
    if wants_json(request):
        return _json(request, "failed", "Something failed on our side. Nothing is lost.", 500)
    return HttpResponse(render_to_string("500.html", _for_report()), status=500)


# Django's own handlers of what is refused read the form once more, and fail when it cannot be read. They answer what no
# view was reached for in a thread of its own, which nobody clears up after.


@gives_back
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer without the request's context, which may be what cannot be read (`handler400`)."""
    if wants_json(request):
        return _json(request, "invalid", "The request could not be understood. Nothing was changed.", 400)
    return HttpResponse(render_to_string("400.html"), status=400)


@gives_back
def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403 (`handler403`)."""
    return _refused(request, 403, "forbidden", "You may not do that. Nothing was changed.")


@gives_back
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404 (`handler404`)."""
    return _refused(
        request, 404, "not_found", "There is nothing at this address, or you do not have access to it."
    )


def untrusted_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form of another site's (`CSRF_FAILURE_VIEW`)."""
    if wants_json(request):
        return _json(
            request, "untrusted", "The form's token is missing or too old. Nothing was changed.", 403
        )
    return HttpResponse(render_to_string("403_csrf.html", request=request), status=403)


def wrong_method(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Lead who asks for the address of a form, by loading an error of it again, to the page above it. Else answer 405
    with words; the header says which methods are taken."""
    if request.method in SAFE and not wants_json(request):
        return HttpResponseRedirect(_page_above(request))
    refused = _refused(request, 405, "wrong_method", f"This address takes {response['Allow']} only.")
    response.content, response["Content-Type"] = refused.content, refused["Content-Type"]
    return response


def _page_above(request: HttpRequest) -> str:
    """Find the nearest address above this one at which there is a page."""
    path = request.path_info
    while path := path.rstrip("/").rpartition("/")[0]:
        with suppress(Resolver404):
            resolve(f"{path}/")
            return f"{get_script_prefix()[:-1]}{path}/"
    return get_script_prefix()


def _refused(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if wants_json(request):
        return _json(request, code, message, status)
    return _page(request, status)


def _page(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    """Say what went wrong, and nothing of the address: what is done in the frame of this page does not lead back."""
    context = {"message": message, "this_page": "", "status": status}
    return render(request, [f"{status}.html", "400.html"], context, status=status)


def _later(
    request: HttpRequest, status: int, code: str, heading: str, words: str, seconds: int
) -> HttpResponse:
    """Ask to send it again after so many seconds. The page asks the database for nothing."""
    if wants_json(request):
        response = _json(request, code, words, status)
    else:
        context = {"status": status, "heading": heading, "words": words} | _for_report()
        response = HttpResponse(render_to_string("later.html", context), status=status)
    response["Retry-After"] = str(seconds)
    return response


def _for_report() -> dict[str, str]:
    """Give what a person may quote: the log's lines of this request carry the same id."""
    return {"request_id": current_request_id()}


def _json(
    request: HttpRequest, code: str, message: str, status: int, faults: Sequence[Fault] = ()
) -> HttpResponse:
    """Answer a program: under `/api/` with a problem document, elsewhere with the code and the sentence alone."""
    if is_for_programs(request.path_info):
        return problem(request, status, code, message, faults)
    error: dict[str, Any] = {"code": code, "message": message}
    if faults:
        error["errors"] = [fault._asdict() for fault in faults]
    return JsonResponse({"error": error}, status=status)
