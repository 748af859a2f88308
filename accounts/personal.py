"""Who somebody is and where they belong, as they are told it when they ask what is kept of them. `kept` tells what they
sign in with."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress

from orgs import personal_data
from orgs.models import Picture, User

Rows = Iterator[dict[str, Any]]


def register() -> None:
    personal_data.register("account", account, forget_picture)
    personal_data.register("addresses", addresses, forget_addresses)
    personal_data.register("memberships", memberships)


def account(user: User) -> Rows:
    picture = Picture.objects.filter(user_id=user.pk).first()
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


def addresses(user: User) -> Rows:
    yield from EmailAddress.objects.filter(user_id=user.pk).values("email", "verified", "primary")


def memberships(user: User) -> Rows:
    for membership in user.memberships.select_related("organization").order_by("pk"):
        yield {
            "organization": membership.organization.name,
            "short_name": membership.organization.slug,
            "role": membership.role,
            "level": membership.level,
            "since": membership.created,
        }


def forget_picture(user: User) -> None:
    Picture.objects.filter(user_id=user.pk).delete()


def forget_addresses(user: User) -> None:
    EmailAddress.objects.filter(user_id=user.pk).delete()
