"""How invitations go: with the person whom they are for or from, or some time after they ended."""

import datetime as dt
from typing import Any

from django.db.models import Q

from membership.invitations import of_person
from membership.models import Invitation
from orgs.models import User

KEPT = dt.timedelta(days=90)  # after it was answered, or ran out
FIELDS = ("invited", "role", "organization__name", "state", "created_at", "ended_at")


def told(user: User) -> list[dict[str, Any]]:
    """Give those that the person got or sent."""
    return list(_concerning(user).order_by("pk").values(*FIELDS))


def forget(user: User) -> None:
    _concerning(user).delete()


def clear(now: dt.datetime) -> None:
    """Delete what ended long ago; with it goes what was counted of it."""
    waited = Q(state=Invitation.State.WAITING, expires_at__lt=now - KEPT)
    Invitation.objects.filter(waited | Q(ended_at__lt=now - KEPT)).delete()


def _concerning(user: User) -> Any:
    theirs = of_person(user).values("pk")
    return Invitation.objects.filter(Q(pk__in=theirs) | Q(invited_by=user) | Q(answered_by=user))
