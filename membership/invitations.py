"""Reading invitations: whose they are, and which of them wait for an answer. An invitation to an address is its owner's
once they confirmed the address."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.utils import timezone

from base.errors import NotFound
from membership.models import Invitation
from orgs.models import Membership, User


def is_invited(address: str) -> bool:
    """Say whether an invitation to this address waits for an answer."""
    return Invitation.objects.filter(
        address=address_key(address), state=Invitation.State.WAITING, expires_at__gt=timezone.now()
    ).exists()


def address_key(address: str) -> str:
    """Fold an address to what it is compared by, as allauth keeps it."""
    return address.strip().lower()


def confirmed_addresses(user: User) -> list[str]:
    confirmed = EmailAddress.objects.filter(user=user.pk, verified=True)
    return [address_key(each) for each in confirmed.values_list("email", flat=True)]


def of_person(user: User) -> QuerySet[Invitation]:
    """Find all that are this person's, whatever became of them."""
    theirs = Q(user=user.pk) | Q(address__in=confirmed_addresses(user), user=None) & ~Q(address="")
    return Invitation.objects.filter(theirs).select_related("organization", "invited_by")


def waiting_for(user: User, now: dt.datetime | None = None) -> list[Invitation]:
    """List those that the person can answer, newest first: no more where they are a member already, but for the offer
    to become an owner."""
    joined = Membership.objects.filter(user=user.pk)
    owned = joined.filter(role=Membership.Role.OWNER).values("organization")
    needless = Q(organization__in=owned) | Q(organization__in=joined.values("organization")) & ~Q(
        role=Membership.Role.OWNER
    )
    waiting = of_person(user).filter(state=Invitation.State.WAITING, expires_at__gt=now or timezone.now())
    return list(waiting.exclude(needless).order_by("-created_at", "-pk"))


def of_person_numbered(user: User, invitation_id: int) -> Invitation:
    """Find one of the person's. Raises NotFound, the same for another's and for none at all."""
    found = of_person(user).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound
    return found
