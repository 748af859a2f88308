"""What an operator may do with deliveries."""

from django.db.models import QuerySet
from django.db.models.functions import Now

from outbound.models import Delivery

State, Kind = Delivery.State, Delivery.Kind
NEWS = (Kind.DIGEST, Kind.AT_ONCE)  # made anew of what is unread whenever they are sent


def try_again(deliveries: QuerySet[Delivery]) -> int:
    """Have them sent now, as if for the first time: those that wait, and news that were given up, since all others keep
    no content. Returns how many."""
    fresh = {"state": State.WAITING, "attempts": 0, "due_at": Now(), "ended_at": None}
    waiting = deliveries.filter(state=State.WAITING).update(due_at=Now())
    return waiting + deliveries.filter(state=State.GIVEN_UP, kind__in=NEWS).update(**fresh)


def give_up(deliveries: QuerySet[Delivery]) -> int:
    """Send them no more. Returns how many of them waited."""
    ended = {"state": State.GIVEN_UP, "ended_at": Now(), "content": {}, "error": "given up by hand"}
    return deliveries.filter(state=State.WAITING).update(**ended)
