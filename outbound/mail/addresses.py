"""Where a person's mail goes, and whether it can: their confirmed primary address, unless a server refused it for good
or its owner called our mail spam. Writes `Unreachable`, alone."""

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from orgs.models import User
from outbound.models import Unreachable

LONGEST_ERROR = 300


def state_of(user: User) -> Unreachable | None:
    """Say why nothing is sent to the person's address, or None. `get_why_display()` is the reason in words."""
    address = EmailAddress.objects.filter(user=user, primary=True).values_list("email", flat=True).first()
    return Unreachable.objects.filter(pk=address.lower()).first() if address else None


def address_of(user: User) -> str | None:
    """Give the address that news go to; None where there is none that is confirmed and takes mail."""
    found: str | None = _confirmed().filter(user=user).values_list("email", flat=True).first()
    return found


def is_unreachable(address: str) -> bool:
    return Unreachable.objects.filter(pk=address.lower()).exists()


def reachable() -> QuerySet[User]:
    """Find everybody who has such an address."""
    return User.objects.filter(Exists(_confirmed().filter(user_id=OuterRef("pk"))), is_active=True)


def mark(address: str, why: str, error: str) -> None:
    """Note that no more is to be sent to it."""
    row = Unreachable(address=address.lower(), why=why, error=error[:LONGEST_ERROR], since=timezone.now())
    Unreachable.objects.bulk_create([row], ignore_conflicts=True)


def try_again(user: User) -> None:
    """Send to the person's address again, since they say that it takes mail."""
    if unreachable := state_of(user):
        unreachable.delete()


def allow_again(unreachable: QuerySet[Unreachable]) -> int:
    """Send to these addresses again, by an operator's word. Returns how many."""
    return unreachable.delete()[0]


def _confirmed() -> QuerySet[EmailAddress]:
    refused = Unreachable.objects.filter(address=OuterRef("small"))
    confirmed: QuerySet[EmailAddress] = EmailAddress.objects.filter(primary=True, verified=True).alias(
        small=Lower("email")
    )
    return confirmed.filter(~Exists(refused))
