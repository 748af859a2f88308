"""Signing up. There is no account until its address is confirmed by a code: what was typed waits in the visitor's own
session, so nobody else's name or address is taken by it, and nothing has to be cleared away."""

from __future__ import annotations

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.email_verification import consume_email_verification_rate_limit
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest

from accounts.guessing import TooManyTries, seconds_left
from base.errors import Conflict
from base.transactions import write_transaction
from membership.invitations import is_invited
from orgs.account_services import create_account
from orgs.models import User
from orgs.names import USER_NAME_LIMIT, short_name_of

KEY = "sign_up"  # of the session
CODE_MAIL = "account/email/email_confirmation_signup"


def is_open() -> bool:
    """Say whether anybody may sign up. Without mail there are no codes."""
    return bool(settings.MAIL_IS_ON and settings.SIGN_UP != "closed")


def may_sign_up(address: str) -> bool:
    """Say whether an account may be made for this address. Nobody is told."""
    if EmailAddress.objects.is_verified(address):
        return False
    return settings.SIGN_UP == "open" or (settings.SIGN_UP == "invitation" and is_invited(address))


def free_user_name(name: str, address: str) -> str:
    """Suggest one that nobody has: of `Ada Lovelace`, `ada-lovelace`; of a name without such letters, the address's."""
    stem = short_name_of(name) or short_name_of(address.partition("@")[0]) or "person"
    number, suggested = 1, stem
    while not User.objects.is_free(suggested):
        number += 1
        suggested = f"{stem[: USER_NAME_LIMIT - 6]}{number}"
    return suggested


class SignUp(AbstractCodeVerificationProcess):  # type: ignore[misc]
    """What one visitor has typed, and the code that they were sent."""

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            max_attempts=app_settings.EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS,
            timeout=app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
            state=state,
        )

    @classmethod
    def begin(cls, request: HttpRequest, email: str, **typed: str | None) -> SignUp:
        """Keep what was typed (`name`, `user_name`, `password_hash`, `next`) and send a code."""
        process = cls(request, cls.initial_state(None, email) | typed)
        process.send()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> SignUp | None:
        """Find the one of this visitor, if its code still counts."""
        state = request.session.get(KEY)
        return cls(request, state).abort_if_invalid() if state else None

    @property
    def email(self) -> str:
        return str(self.state["email"])

    @property
    def can_resend(self) -> bool:
        return not self.is_resend_quota_reached(app_settings.EMAIL_VERIFICATION_MAX_RESEND_COUNT)

    def resend(self) -> None:
        self.record_resend()
        self.send()

    def send(self) -> None:
        """Send a new code to whoever may have an account; who has one is told so, and nobody else gets a mail. Raises
        TooManyTries."""
        if not consume_email_verification_rate_limit(self.request, self.email):
            raise TooManyTries(seconds_left(self.request, self.email))
        adapter = get_adapter(self.request)
        self.state["code"] = adapter.generate_email_verification_code()
        self.persist()
        if may_sign_up(self.email):
            adapter.send_mail(CODE_MAIL, self.email, {"code": self.code})
        elif EmailAddress.objects.is_verified(self.email):
            adapter.send_account_already_exists_mail(self.email)
        else:
            adapter.send_mail_to_nobody(CODE_MAIL, self.email, {"code": self.code})

    def persist(self) -> None:
        self.request.session[KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(KEY, None)

    def finish(self) -> User:
        """Make the account, whose address is confirmed. Raises Conflict where something was taken meanwhile."""
        self.abort()
        if not may_sign_up(self.email):
            raise Conflict("An account can no longer be made for this address. Ask whoever invited you.")
        try:
            with write_transaction():
                user = create_account(
                    user_name=self.state["user_name"],
                    name=self.state["name"],
                    email=self.email,
                    password_hash=self.state["password_hash"],
                )
                EmailAddress.objects.create(user=user, email=self.email, verified=True, primary=True)
        except IntegrityError as error:
            raise Conflict("Somebody took that user name meanwhile. Sign up with another one.") from error
        return user
