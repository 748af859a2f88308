"""Signing in as people do, by the pages; and the codes that an authenticator app would show."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client, TestCase

from orgs.models import User
from tests.factories import PASSWORD

STEP = 30  # seconds


def signed_in_by_page(user: User, **headers: Any) -> Client:
    """A browser in which the person typed name and password."""
    client = Client(**headers)
    answer = type_password(client, user.username)
    assert answer.status_code == 302, answer.content
    return client


def type_password(client: Client, name: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/accounts/login/", {"login": name, "password": password, **more})


def prove(client: Client) -> None:
    """Type the password once more, as before a change of what signs in."""
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302, answer.content


def code_of(secret: str, later: int = 0) -> str:
    """What the app shows now, or some steps later: each counts once."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // STEP + later))


def set_up_app(client: Client) -> str:
    """Scan and type. Returns the key."""
    prove(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret: str = page.context["form"].secret
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content
    return secret
