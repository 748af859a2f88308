"""What is kept of a person's account, as they are told it when they ask, and how it goes with them."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from accounts.models import AccessRecord
from orgs import personal_data
from orgs.models import Picture, User

Rows = Iterator[dict[str, Any]]


def register() -> None:
    personal_data.register("account", account, forget_picture)
    personal_data.register("addresses", addresses, lambda user: _gone(EmailAddress, user))
    personal_data.register("factors", factors, lambda user: _gone(Authenticator, user))
    personal_data.register("sessions", sessions, lambda user: _gone(UserSession, user))
    personal_data.register("access_record", access_record, forget_places)
    personal_data.register("memberships", memberships)


def account(user: User) -> Rows:
    picture = Picture.objects.filter(user=user).first()
    yield {
        "user_name": user.username,
        "former_user_names": list(user.former_names.order_by("pk").values_list("name", flat=True)),
        "first_name": user.first_name,
        "last_name": user.last_name,
        "address": user.email,
        "language": user.language,
        "since": user.date_joined,
        "last_signed_in": user.last_login,
        "picture_webp_base64": b64encode(picture.body).decode() if picture else "",
    }


def memberships(user: User) -> Rows:
    for membership in user.memberships.select_related("organization").order_by("pk"):
        yield {
            "organization": membership.organization.name,
            "short_name": membership.organization.slug,
            "role": membership.role,
            "level": membership.level,
            "since": membership.created,
        }


def addresses(user: User) -> Rows:
    yield from EmailAddress.objects.filter(user=user).values("email", "verified", "primary")


def factors(user: User) -> Rows:
    """Say which there are, never what they hold."""
    yield from Authenticator.objects.filter(user=user).values("type", "created_at", "last_used_at")


def sessions(user: User) -> Rows:
    found = UserSession.objects.filter(user=user).order_by("pk")
    yield from found.values("ip", "user_agent", "created_at", "last_seen_at")


def access_record(user: User) -> Rows:
    found = AccessRecord.objects.filter(user=user).order_by("pk")
    for row in found.values("kind", "at", "address", "browser", "about", "times"):
        yield dict(row)


def forget_picture(user: User) -> None:
    Picture.objects.filter(user=user).delete()


def forget_places(user: User) -> None:
    """Keep that something happened and when, for the administrator, but not from where."""
    AccessRecord.objects.filter(user=user).update(address=None, browser="", about="")


def _gone(model: Any, user: User) -> None:
    model._default_manager.filter(user=user).delete()
