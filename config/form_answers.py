"""Answers a program whose form was taken: where a person is led on, and told on the next page what was done, it gets
both as JSON."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse

from base.answers import wants_json
from base.errors import Forbidden, Invalid, NotFound, SignedOut
from config.errors import domain_error

NOT_TAKEN = (
    "This was not taken: a field is missing or wrong, or it is no form. Send the fields of the page's form as "
    "application/x-www-form-urlencoded or multipart/form-data."
)

PROVING = ("account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn")


class NotProved(Forbidden):
    """What is asked needs a password or a factor from a moment ago."""

    code = "reauthentication_required"


class FormAnswersMiddleware:
    """Stands within that of messages, which would keep what was said for the next page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method != "POST" or not wants_json(request):
            return response
        said = _taken_back(request)
        if 300 <= response.status_code < 400:
            return _led_on(request, response, said)
        return _not_taken(request, response) if _is_page(response) else response


def _taken_back(request: HttpRequest) -> list[str]:
    """Take back what this request said for the next page."""
    storage: Any = get_messages(request)
    said = [str(message) for message in storage._queued_messages]
    storage._queued_messages = []
    return said


def _led_on(request: HttpRequest, response: HttpResponse, said: list[str]) -> HttpResponse:
    location = response["Location"]
    path = location.partition("?")[0]
    if path == resolve_url(settings.LOGIN_URL) and not request.user.is_authenticated:
        return domain_error(request, SignedOut("Sign in first."))
    if path in map(reverse, PROVING):
        return domain_error(request, NotProved(f"Prove first who you are, in a browser, at {path}."))
    answer = JsonResponse({"said": said, "location": location})
    answer.cookies = response.cookies
    return answer


def _is_page(response: HttpResponse) -> bool:
    return response.status_code != 204 and response.get("Content-Type", "").startswith("text/html")


def _not_taken(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Refuse in a sentence where a person is shown the form, or why there is none."""
    if response.status_code == NotFound.status:
        return domain_error(request, NotFound())
    refused = Invalid(NOT_TAKEN)
    refused.status = max(response.status_code, refused.status)
    return domain_error(request, refused)
