"""Single sign-on by the OpenID Connect provider of the settings. Who may make an account by it is who may sign up; only
an address that the provider calls verified counts, and no account is joined by its address: whoever has one signs in
and connects the two on their account's page."""

from http import HTTPStatus
from typing import Any, NoReturn

import requests
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.internal.flows.signup import clear_pending_signup
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.sign_up import may_sign_up
from base.connections import give_back
from base.plain_text import line_of
from base.turns import Busy, Turns
from orgs.models import User
from orgs.names import USER_NAME_LIMIT

AT_ONCE = 4  # requests to the provider that a process has out
SECONDS = 5.0  # that the provider may take for one
NAME_LIMIT = 60  # characters of a first or a last name

_turns = Turns(patience=SECONDS, most_waiting=20)


class Session(requests.Session):
    """Asks the provider. Holds no database connection meanwhile; a few at a time."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        give_back()
        with _turns.turn("provider", AT_ONCE):
            return super().request(*args, **{"timeout": SECONDS, **kwargs})


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Those of the settings: nobody adds one by a row of the database."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def get_requests_session(self) -> requests.Session:
        return Session()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse what one provider's answers say in two ways, and an account that must not be made."""
        if not _is_of_one_person(sociallogin.account.extra_data):
            _refuse(request, sociallogin, "It did not say who you are.")
        sociallogin.email_addresses = [each for each in sociallogin.email_addresses if each.verified]
        is_new = not sociallogin.is_existing and sociallogin.state.get("process") != AuthProcess.CONNECT
        if is_new and not sociallogin.email_addresses:
            _refuse(request, sociallogin, "It named no e-mail address of yours that it has verified.")
        if (
            is_new
            and EmailAddress.objects.filter(email__iexact=sociallogin.email_addresses[0].email).exists()
        ):
            messages.warning(
                request, f"You have an account. Sign in, then connect {_name()} on your account's page."
            )
            raise ImmediateHttpResponse(redirect("login"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return may_sign_up(sociallogin.email_addresses[0].email)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take names as if they had been typed: in one line, and cut."""
        for field, limit in (
            ("username", USER_NAME_LIMIT),
            ("first_name", NAME_LIMIT),
            ("last_name", NAME_LIMIT),
            ("name", NAME_LIMIT),
        ):
            data[field] = line_of(str(data.get(field) or ""))[:limit]
        addresses = [each.email for each in sociallogin.email_addresses if each.verified]
        data["email"] = addresses[0] if addresses else ""
        return super().populate_user(request, sociallogin, data)  # type: ignore[no-any-return]


def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider, by a page: the policy for forms has the browser follow none of theirs elsewhere. Where the
    provider cannot be asked how, say so."""
    try:
        response: HttpResponse = views.login(request, provider_id)
    except (requests.RequestException, KeyError, Busy):
        return _refusal(request, "It cannot be reached. Try again in a minute.", status=502)
    if response.status_code != HTTPStatus.FOUND:
        return response
    context = {"provider": _name(), "redirect_to": response["Location"]}
    return render(request, "socialaccount/login_redirect.html", context)


def _is_of_one_person(told: dict[str, Any]) -> bool:
    """Say whether the signed answer and the other one, where there is one, are about the same person."""
    signed = told.get("id_token") or {}
    also = told.get("userinfo") or signed
    return bool(signed.get("sub")) and signed.get("sub") == also.get("sub")


def _refuse(request: HttpRequest, sociallogin: SocialLogin, why: str) -> NoReturn:
    clear_pending_signup(request)
    raise ImmediateHttpResponse(_refusal(request, why))


def _refusal(request: HttpRequest, why: str, status: int = 403) -> HttpResponse:
    return render(request, "socialaccount/refused.html", {"why": why, "name": _name()}, status=status)


def _name() -> str:
    return settings.OIDC_NAME
