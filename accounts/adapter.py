"""What the product asks of allauth beyond its settings."""

import uuid
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import guessing
from base.answers import wants_json
from base.connections import give_back
from orgs import account_services
from orgs.models import NAME_TAKEN, User
from outbound.mail.rendering import rendered
from outbound.mail.services import post

WAYS_TO_PROVE = {
    "reauthenticate": "Use your password",
    "reauthenticate_by_code": "Have a code mailed",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}
EMAIL_MAX_LENGTH = 254  # characters, of the column
CONFIRMING_ITS_ADDRESS = "allauth.account.stages.EmailVerificationStage"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "cannot_remove_primary_email": "Make another address your primary one first.",
        "duplicate_email": "You have this address already.",
        "email_taken": "This address cannot be added.",
        "enter_current_password": "That is not your password.",
        "incorrect_code": "That is not the code. Look at the newest mail, and type what it says.",
        "incorrect_password": "That is not your password.",
        "max_email_addresses": "An account has at most %d addresses.",
        "rate_limited": "A code was sent a moment ago. Wait ten seconds before you ask for another.",
        "too_many_login_attempts": "That was wrong too often, so the code counts no more. Start again to get another.",
        **dict.fromkeys(
            ("username_password_mismatch", "email_password_mismatch"),
            "That name or address and that password do not match an account. Check both; capital letters count in the "
            "password.",
        ),
    }

    def is_ajax(self, request: HttpRequest) -> bool:
        """Say whether a program asks: allauth answers it JSON of its own, with what is wrong with each field."""
        return wants_json(request)

    # --- Who may come in

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        from accounts import sign_up  # allauth loads this module before its models

        return sign_up.is_open()

    def get_login_stages(self) -> list[str]:
        """Leave out allauth's own stage for confirming an address: whoever signs up here has no account before, and
        accounts without a confirmed address are older than this question."""
        return [stage for stage in super().get_login_stages() if stage != CONFIRMING_ITS_ADDRESS]

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Judge a new user name. Raises ValidationError."""
        for validate in User._meta.get_field("username").validators:
            validate(username)
        if "@" in username:
            raise ValidationError("A user name has no @: it would look like an address.")
        if not shallow and not User.objects.is_free(username):
            raise ValidationError(NAME_TAKEN)
        return username

    def clean_email(self, email: str) -> str:
        """Judge a new address. Raises ValidationError."""
        if len(email) > EMAIL_MAX_LENGTH:
            raise ValidationError(f"An address has at most {EMAIL_MAX_LENGTH} characters.")
        return email

    def is_safe_url(self, url: str | None) -> bool:
        """Lead on within this site alone: allauth's own would take any host of the settings."""
        here, is_secure = self.request.get_host(), self.request.is_secure()
        return url_has_allowed_host_and_scheme(url, allowed_hosts={here}, require_https=is_secure)

    # --- Proving once more

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Give allauth's own, in the words of our pages."""
        methods = super().get_reauthentication_methods(user)
        return [
            method | {"description": WAYS_TO_PROVE.get(method["id"], method["description"])}
            for method in methods
        ]

    # --- Guessing

    def get_client_ip(self, request: HttpRequest) -> str:
        """Give the address that uvicorn found: the client's, or what a proxy says whom it trusts. Where there is none,
        as behind a local socket, all count as one."""
        return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 - no address of anybody

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Give what the try counts for, which is kept for what is said when it is one too many."""
        self._key = guessing.key_of(credentials.get("username") or credentials.get("email") or "")
        if connection.vendor == "postgresql":  # counting may wait; a file is open to all
            give_back()
        return self._key

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try. Raises TooManyTries before the password is looked at."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            guessing.note_refused(request, credentials.get("username") or credentials.get("email") or "")
            raise guessing.TooManyTries(guessing.seconds_left(request, self._key)) from error

    def reauthenticate(self, user: User, password: str) -> bool:
        """Say whether it is their password. Where that hashed it anew, as a new Django does, this session goes on."""
        if not super().reauthenticate(user, password):
            return False
        user.refresh_from_db(fields=["password"])
        self.request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        return True

    # --- What open sockets hear of

    def set_password(self, user: User, password: str) -> None:
        account_services.set_password(user, password)

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign them in. Whoever was signed in here is so no more."""
        before = request.user.pk
        super().login(request, user)
        if before not in (None, user.pk):
            account_services.sessions_ended(before)

    def logout(self, request: HttpRequest) -> None:
        user_id = request.user.pk
        super().logout(request)
        if user_id is not None:
            account_services.sessions_ended(user_id)

    # --- What people are told

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Lead back to the first visit whoever is still at it."""
        from accounts.first_visit import is_unfinished

        return reverse("welcome" if is_unfinished(email_address.user) else "account_email")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Let them in, and ask those who could not reset a forgotten password for an address."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if settings.MAIL_IS_ON and not EmailAddress.objects.filter(user=user, verified=True).exists():
            messages.info(
                request,
                "Your account has no confirmed e-mail address. Add one under Your account, Addresses: then you can "
                "reset a forgotten password yourself.",
            )
        return response

    def send_account_already_exists_mail(self, email: str) -> None:
        self.send_mail("account/email/account_already_exists", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Post `templates/mail/account/password_changed` for allauth's `account/email/password_changed`."""
        user = context.get("user")
        post(
            to=email,
            template=_template(template_prefix),
            context=_words(email, context),
            key=f"account {uuid.uuid4()}",
            user=user if isinstance(user, User) else None,
        )

    def send_mail_to_nobody(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Make the words of a mail and send none, so that the time it takes does not tell whose address it is."""
        rendered(_template(template_prefix), _words(email, context))


def _template(prefix: str) -> str:
    app, _, name = prefix.partition("/email/")
    return f"{app}/{name}"


def _words(email: str, context: dict[str, Any]) -> dict[str, Any]:
    return {"site_url": settings.SITE_URL, "email": email, **context}
