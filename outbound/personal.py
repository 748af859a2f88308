"""What is sent to somebody, and to which browsers: as they are told it when they ask what is kept of them, and how it
goes with them."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet

from orgs import personal_data
from orgs.models import User
from outbound.models import Delivery, Gathering, PushSubscription, Unreachable


def register() -> None:
    personal_data.register("deliveries", deliveries, forget)
    personal_data.register("browsers", browsers)


def deliveries(user: User) -> Iterator[dict[str, Any]]:
    columns = ("channel", "kind", "address", "state", "error", "created_at", "ended_at")
    for row in _deliveries(user).order_by("pk").values(*columns):
        yield dict(row)


def browsers(user: User) -> Iterator[dict[str, Any]]:
    for row in PushSubscription.objects.filter(user_id=user.pk).values("browser", "created_at"):
        yield dict(row)


def forget(user: User) -> None:
    """Take away what waits and what was sent, and what was noted of their addresses."""
    _deliveries(user).delete()
    Gathering.objects.filter(user_id=user.pk).delete()
    PushSubscription.objects.filter(user_id=user.pk).delete()
    Unreachable.objects.filter(pk__in=_addresses(user)).delete()


def _deliveries(user: User) -> QuerySet[Delivery]:
    """Find also those to their addresses that name no user, such as invitations."""
    return Delivery.objects.filter(Q(user_id=user.pk) | Q(user=None, address__in=_addresses(user)))


def _addresses(user: User) -> set[str]:
    known = {user.email, *EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)}
    return (known | {address.lower() for address in known}) - {""}
