"""Answers a program whose form was taken: where a person is led on, and told on the next page what was done, it gets
both as JSON."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url

from base.answers import wants_json
from base.errors import SignedOut
from config.errors import domain_error
from orgs.pages import SAFE


class FormAnswersMiddleware:
    """Stands within that of messages, which would keep what was said for the next page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method in SAFE or not wants_json(request):
            return response
        said = _taken_back(request)
        return _as_json(request, response, said) if 300 <= response.status_code < 400 else response


def _taken_back(request: HttpRequest) -> list[str]:
    """Take back what this request said for the next page."""
    storage: Any = get_messages(request)
    said = [str(message) for message in storage._queued_messages]
    storage._queued_messages = []
    return said


def _as_json(request: HttpRequest, response: HttpResponse, said: list[str]) -> HttpResponse:
    location = response["Location"]
    if location.partition("?")[0] == resolve_url(settings.LOGIN_URL) and not request.user.is_authenticated:
        return domain_error(request, SignedOut())
    answer = JsonResponse({"said": said, "location": location})
    answer.cookies = response.cookies
    return answer
