"""What leaves under `/api/`: JSON, or a problem document, whichever part of the product answered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from base.answers import is_for_programs
from base.problems import CONTENT_TYPE, problem

BY_HTTPS = (
    "Ask by https: what goes by http can be read on its way. A token that was sent so should be revoked."
)
REFUSED = "This was refused. Nothing was changed."
FAILED = "Something failed on our side. Nothing is lost."


class ProgramsMiddleware:
    """Stands outside all that may answer with a page of its own: the library that asks for https, and others'."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not is_for_programs(request.path_info):
            return response
        if response.status_code == 301 and response["Location"].startswith("https:"):
            return problem(request, 403, "https_only", BY_HTTPS)
        if response.status_code < 400 or response["Content-Type"] == CONTENT_TYPE:
            return response
        return _told(request, response)


def _told(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """Say by a problem document what some library said in its own way, with the headers that belong to it."""
    status = response.status_code
    kept = {name: value for name, value in response.items() if name not in ("Content-Type", "Content-Length")}
    code, words = ("failed", FAILED) if status >= 500 else ("refused", REFUSED)
    return problem(request, status, code, words, headers=kept)
