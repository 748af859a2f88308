"""Single sign-on by the OpenID Connect provider of the settings. Who may make an account by it is who may sign up; only
an address that the provider calls verified counts, and no account is joined by its address: whoever has one signs in
and connects the two on their account's page."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn

import requests
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import consume_or_429
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.provider_answers import make_fit, names_of
from accounts.sign_up import may_sign_up
from base.connections import give_back
from base.transactions import write_transaction
from base.turns import Busy, Turns
from orgs.models import User

logger = logging.getLogger(__name__)

AT_ONCE = 4  # requests to the provider that a process has out
SECONDS = 5.0  # that the provider may take for one
# What comes of a provider that is away, or whose answer is not what the standard says.
FAULTS = (
    requests.RequestException, Busy, AttributeError, KeyError, TypeError, ValueError, ImproperlyConfigured,
)  # fmt: skip

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

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take only what is fit; allauth asks this first of all. Raises Unfit."""
        make_fit(sociallogin)
        data |= names_of(data) | {"email": _address(sociallogin)}
        return super().populate_user(request, sociallogin, data)  # type: ignore[no-any-return]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse to make an account without an address, or where there is one with this address."""
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        address = _address(sociallogin)
        if not address:
            _stop(_refusal(request, "It named no e-mail address of yours that it has verified."))
        if _stands_at_an_account(address):
            words = f"You have an account. Sign in, then connect {settings.OIDC_NAME} on your account's page."
            messages.warning(request, words)
            _stop(redirect("login"))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return may_sign_up(_address(sociallogin))

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        with write_transaction():
            return super().save_user(request, sociallogin, form)  # type: ignore[no-any-return]


def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider, by a page: the policy for forms has the browser follow none of theirs elsewhere. It counts
    as a try to sign in, for the provider is asked."""
    if request.method == "POST" and (refused := consume_or_429(request, action="login")):
        return refused  # type: ignore[no-any-return]
    response = _carefully(views.login, request, provider_id)
    if response.status_code != HTTPStatus.FOUND:
        return response
    context = {"provider": settings.OIDC_NAME, "redirect_to": response["Location"]}
    return render(request, "socialaccount/login_redirect.html", context)


def finish(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Let in who comes back from the provider."""
    return _carefully(views.callback, request, provider_id)


def _carefully(view: Callable[..., HttpResponse], request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return view(request, provider_id)
    except FAULTS as error:
        logger.warning("Single sign-on failed: %s", type(error).__name__)
        return _refusal(
            request, "It cannot be reached, or its answer cannot be read. Try again in a minute.", 502
        )


def _address(login: SocialLogin) -> str:
    """Give the address that the provider has verified, or nothing."""
    return next((each.email for each in login.email_addresses), "")


def _stands_at_an_account(address: str) -> bool:
    """Say whether it is confirmed, or was written down, for anybody: then that is who they are to sign in as."""
    has_row = EmailAddress.objects.filter(email=address.lower()).exists()
    return has_row or User.objects.filter(email__iexact=address).exists()


def _stop(answer: HttpResponse) -> NoReturn:
    raise ImmediateHttpResponse(answer)


def _refusal(request: HttpRequest, why: str, status: int = HTTPStatus.FORBIDDEN) -> HttpResponse:
    context = {"why": why, "name": settings.OIDC_NAME}
    return render(request, "socialaccount/refused.html", context, status=status)
