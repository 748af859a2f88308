"""What is kept here of a person: how they are told it, and how it goes when they are forgotten."""

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.db.models.functions import Lower

from orgs import personal_data
from orgs.models import User
from outbound.models import Delivery, Gathering, PushSubscription, Unreachable


def register() -> None:
    personal_data.register("deliveries", _tell, forget)
    personal_data.register("pushed to", _tell_of_browsers)


def forget(user: User) -> None:
    """Delete what was sent to them and what was about to be, also to their addresses alone."""
    addresses = EmailAddress.objects.filter(user=user).values_list(Lower("email"), flat=True)
    theirs = Q(user=user) | Q(small__in=list(addresses))
    Delivery.objects.alias(small=Lower("address")).filter(theirs).delete()
    Gathering.objects.filter(user=user).delete()
    PushSubscription.objects.filter(user=user).delete()
    Unreachable.objects.filter(pk__in=list(addresses)).delete()


def _tell(user: User) -> personal_data.Rows:
    for delivery in Delivery.objects.filter(user=user).order_by("pk"):
        yield {name: getattr(delivery, name) for name in _TOLD}


def _tell_of_browsers(user: User) -> personal_data.Rows:
    for subscription in PushSubscription.objects.filter(user=user).order_by("pk"):
        yield {"browser": subscription.browser, "since": subscription.created_at}


_TOLD = ("channel", "kind", "address", "state", "created_at", "ended_at")
