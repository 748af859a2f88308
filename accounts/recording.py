"""Notes in the access record what allauth and Django say has happened: their signals are the only place that hears of
all of it, whichever page it came from."""

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest

from accounts import sessions
from accounts.backends import accounts_called
from accounts.record import note
from orgs.access_record import Kind
from orgs.models import User

NO_ACCOUNT = "the name or address belongs to no account"


def connect() -> None:
    """Listen; twice is harmless."""
    for signal, receiver in RECEIVERS:
        signal.connect(receiver, dispatch_uid=f"access record {receiver.__name__}")


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    note(Kind.SIGNED_IN, user, request=request)
    sessions.end_most(user)


def _sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Name the account. What named none stays unsaid: it may be a password typed into the wrong field."""
    user = _named(credentials)
    note(Kind.SIGN_IN_FAILED, user, "" if user else NO_ACCOUNT, request)


def _named(credentials: dict[str, Any]) -> User | None:
    login = str(credentials.get("username") or credentials.get("email") or "")
    return next(iter(accounts_called(login)), None)


def _signed_up(request: HttpRequest, user: User, **_: Any) -> None:
    note(Kind.SIGNED_UP, user, request=request)


def _password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    """Its other sessions are worthless from now on: they go, and their sockets with them."""
    note(Kind.PASSWORD_CHANGED, user, request=request)
    sessions.end_all_but(request, user)


def _address_added(request: HttpRequest, user: User, **_: Any) -> None:
    note(Kind.ADDRESS_ADDED, user, request=request)


def _address_confirmed(request: HttpRequest, email_address: Any, **_: Any) -> None:
    note(Kind.ADDRESS_CONFIRMED, email_address.user_id, request=request)


def _address_changed(request: HttpRequest, user: User, **_: Any) -> None:
    note(Kind.ADDRESS_CHANGED, user, request=request)


def _address_removed(request: HttpRequest, user: User, **_: Any) -> None:
    note(Kind.ADDRESS_REMOVED, user, request=request)


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Whoever adds one has just used it: this session has proved it."""
    note(Kind.FACTOR_ADDED, user, _named_factor(authenticator), request)
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    by = user if user.pk != authenticator.user_id else None
    note(Kind.FACTOR_REMOVED, authenticator.user_id, _named_factor(authenticator), request, by)


def _codes_renewed(request: HttpRequest, user: User, **_: Any) -> None:
    note(Kind.CODES_RENEWED, user, request=request)


def _factor_failed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    note(Kind.FACTOR_FAILED, user, authenticator.get_type_display(), request)


def _single_sign_on_added(request: HttpRequest, sociallogin: SocialLogin, **_: Any) -> None:
    note(Kind.SINGLE_SIGN_ON_ADDED, sociallogin.user, request=request)


def _single_sign_on_removed(request: HttpRequest, socialaccount: SocialAccount, **_: Any) -> None:
    note(Kind.SINGLE_SIGN_ON_REMOVED, socialaccount.user_id, request=request)


def _named_factor(authenticator: Authenticator) -> str:
    is_passkey = authenticator.type == Authenticator.Type.WEBAUTHN
    return f"passkey '{authenticator}'" if is_passkey else str(authenticator.get_type_display())


RECEIVERS = [
    (account.user_logged_in, _signed_in),
    (account.user_signed_up, _signed_up),
    (account.password_changed, _password_changed),
    (account.password_set, _password_changed),
    (account.password_reset, _password_changed),
    (account.email_added, _address_added),
    (account.email_confirmed, _address_confirmed),
    (account.email_changed, _address_changed),
    (account.email_removed, _address_removed),
    (user_login_failed, _sign_in_failed),
    (mfa.authenticator_added, _factor_added),
    (mfa.authenticator_removed, _factor_removed),
    (mfa.authenticator_reset, _codes_renewed),
    (mfa.authentication_failed, _factor_failed),
    (social.social_account_added, _single_sign_on_added),
    (social.social_account_removed, _single_sign_on_removed),
]
