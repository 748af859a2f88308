"""The administration opens to staff who have proved a second factor in this session, where the setting asks for it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.factors import types_of

OPEN = ("admin:login", "admin:logout", "admin:jsi18n")
ADD_ONE = "The administration asks for a second factor. Add a passkey or an authenticator app here, then open it again."


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Lead staff to prove one, or to set one up. Whoever is no staff is the administration's own affair."""
        match = request.resolver_match
        if not settings.STAFF_SECOND_FACTOR or not match or "admin" not in match.namespaces:
            return None
        if match.view_name in OPEN or not (request.user.is_authenticated and request.user.is_staff):
            return None
        types = types_of([request.user.pk]).get(request.user.pk, set())
        if not types:
            messages.warning(request, ADD_ONE)
            return redirect("mfa_index")
        return None if _has_proved(request) else _ask(request, types)


def is_open_to(request: HttpRequest) -> bool:
    """Say whether who asks may see what the administration shows of logs. A token proves nothing at the moment: where a
    second factor is asked for, its owner must have one, so that nobody signed in without it to make the token."""
    user = request.user
    if not (user.is_authenticated and user.is_staff and user.has_perm("events.view_taskevent")):
        return False
    if not settings.STAFF_SECOND_FACTOR:
        return True
    has_one = bool(types_of([user.pk]).get(user.pk))
    return has_one and (getattr(request, "token", None) is not None or _has_proved(request))


def _has_proved(request: HttpRequest) -> bool:
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def _ask(request: HttpRequest, types: set[str]) -> HttpResponse:
    by_passkey = Authenticator.Type.WEBAUTHN in types
    page = reverse("mfa_reauthenticate_webauthn" if by_passkey else "mfa_reauthenticate")
    return redirect(f"{page}?{urlencode({'next': request.get_full_path()})}")
