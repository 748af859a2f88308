"""What an OpenID Connect provider says of somebody, made fit to be kept: it comes from outside."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialLogin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from base.plain_text import line_of
from orgs.names import USER_NAME_LIMIT

NAME_LIMIT = 60  # characters of a first or a last name
ADDRESS_LIMIT = 254
KEPT = ("sub", "name", "preferred_username", "email")


class Unfit(ValueError):
    """The answer does not say whom it is about."""


def make_fit(login: SocialLogin) -> None:
    """Keep what counts of the answers: whose they are, and the addresses that are verified. Raises Unfit where the
    signed answer and the other are not about one person."""
    told = login.account.extra_data
    signed, also = told["id_token"], told.get("userinfo") or told["id_token"]
    if not signed["sub"] or signed["sub"] != also["sub"] or not login.account.uid.isprintable():
        raise Unfit
    login.account.extra_data = {"userinfo": {name: _line(also.get(name), ADDRESS_LIMIT) for name in KEPT}}
    login.email_addresses = [each for each in login.email_addresses if each.verified and _is_address(each)]


def names_of(told: dict[str, Any]) -> dict[str, str]:
    """Give the names in one line each, and cut."""
    limits = {
        "username": USER_NAME_LIMIT,
        "first_name": NAME_LIMIT,
        "last_name": NAME_LIMIT,
        "name": NAME_LIMIT,
    }
    return {field: _line(told.get(field), limit) for field, limit in limits.items()}


def _line(value: Any, limit: int) -> str:
    return line_of(str(value or ""))[:limit]


def _is_address(address: EmailAddress) -> bool:
    try:
        validate_email(address.email)
    except ValidationError:
        return False
    return len(address.email) <= ADDRESS_LIMIT
