"""Reading invitations: whose they are, and which of them wait for an answer. An invitation to an address is its owner's
once they confirmed the address."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from base.errors import NotFound
from membership.addressees import address_key
from membership.models import Invitation
from orgs.models import Membership, User

State = Invitation.State
MOST_LISTED = 100  # anybody can invite anybody

NOT_YOURS = (
    "There is no such invitation for you. It may be for another address: sign in with that account, or add the address "
    "to yours and confirm it. Or it is gone, with its organization."
)


def is_invited(address: str) -> bool:
    """Say whether an invitation to this address waits for an answer."""
    waiting = Invitation.objects.filter(state=State.WAITING, expires_at__gt=timezone.now())
    return waiting.filter(address=address_key(address) or None).exists()


def of_person(user: User) -> QuerySet[Invitation]:
    """Find all that are this person's, whatever became of them."""
    confirmed = EmailAddress.objects.filter(user=user.pk, verified=True).values(key=Lower("email"))
    theirs = Q(user=user.pk) | Q(address__in=confirmed)
    return Invitation.objects.filter(theirs).select_related("organization", "invited_by")


def waiting_for(user: User) -> list[Invitation]:
    """List those that the person can answer, newest first: where they are a member already, only an offer to become an
    owner."""
    joined = Membership.objects.filter(user=user.pk)
    owned = joined.filter(role=Membership.Role.OWNER)
    waiting = of_person(user).filter(state=State.WAITING, expires_at__gt=timezone.now())
    needless = Q(organization__in=joined.values("organization")) & ~Q(role=Membership.Role.OWNER)
    needless |= Q(organization__in=owned.values("organization"))
    return list(waiting.exclude(needless).order_by("-created_at", "-pk")[:MOST_LISTED])


def of_person_numbered(user: User, invitation_id: int) -> Invitation:
    """Find one of the person's. Raises NotFound, with the same words for another's and for none at all."""
    found = of_person(user).filter(pk=invitation_id).first()
    if found is None:
        raise NotFound(NOT_YOURS)
    return found


def why_not(invitation: Invitation, user: User, now: dt.datetime) -> str:
    """Say why an invitation cannot be answered any more; nothing where it can."""
    by = invitation.invited_by.display_name
    match invitation.state:
        case State.ACCEPTED if invitation.answered_by_id == user.pk:
            return "You accepted this invitation."
        case State.ACCEPTED:
            return "This invitation was used already."
        case State.DECLINED:
            return f"This invitation was declined. If that was not meant, ask {by} for a new one."
        case State.REVOKED:
            return f"This invitation was taken back. Ask {by} if that surprises you."
    if invitation.is_open(now):
        return ""
    return f"This invitation ran out on {invitation.expires_at:%-d %B %Y}. Ask {by} to send it again."
