"""Which browsers a person is reached in: asked for by a click there, listed, removed; and a push to try it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from base.errors import Conflict, Invalid, NotFound
from base.transactions import write_transaction
from inbox.models import UNREAD, Notification
from orgs.models import Membership, User
from orgs.signed_in import users_of_sessions
from outbound.models import Delivery
from outbound.numbers import NotSentTo
from outbound.push.encryption import check_keys
from outbound.push.models import PushSubscription
from outbound.push.own_key import is_set_up as is_set_up
from outbound.push.own_key import own_public_key
from outbound.to_strangers import check_address

MOST = 10  # browsers of one person
TOO_MANY = f"You have it on in {MOST} browsers. Remove one of them first."
OFF = "Desktop notifications are not set up here."
UNREADABLE = "This browser gave keys that cannot be read. Turn it on again."


class Given(NamedTuple):
    """What a browser's push service gave it."""

    endpoint: str
    p256dh: str
    auth: str


def subscribe(user: User, session_key: str, given: Given, browser: str) -> None:
    """Push the person's news to this browser from now on, for as long as the session is in force. A browser that was
    somebody else's is theirs no more. Raises Invalid, Conflict and NotFound."""
    if not is_set_up():
        raise Invalid(OFF)
    _check(given)
    values = {"user": user, "session_key": session_key, "browser": browser, "made_for": own_public_key()}
    with write_transaction():
        # Two tabs count one after the other; nothing is kept of an account that is closed meanwhile.
        if User.objects.select_for_update().filter(pk=user.pk, is_active=True).first() is None:
            raise NotFound
        known = PushSubscription.objects.select_for_update().filter(endpoint=given.endpoint).first()
        if known is None or known.user_id != user.pk:
            _make_room(user)
        if known is None:
            PushSubscription.objects.create(**given._asdict(), created_at=timezone.now(), **values)
            return
        if (known.p256dh, known.auth) != (given.p256dh, given.auth):
            # A browser has new keys with a new address only: somebody else learned this one.
            raise Conflict(UNREADABLE)
        PushSubscription.objects.filter(pk=known.pk).update(**values)


def _check(given: Given) -> None:
    try:
        check_address(given.endpoint)
        check_keys(given.p256dh, given.auth)
    except NotSentTo as refused:
        raise Invalid(f"This browser's push service cannot be used. {refused}") from None
    except ValueError:
        raise Invalid(UNREADABLE) from None


def _make_room(user: User) -> None:
    """Let those go that are signed out where there are too many. Raises Conflict."""
    subscriptions = PushSubscription.objects.filter(user=user)
    if subscriptions.count() < MOST:
        return
    subscriptions = subscriptions.exclude(pk__in=[each.pk for each in awake(user.pk)])
    if not subscriptions.delete()[0]:
        raise Conflict(TOO_MANY)


def renew(user: User, session_key: str, endpoint: str) -> bool:
    """Bind the person's own subscription to their session of today: they signed in again. False where there is none any
    more, since it was removed, is somebody else's now, or was made for another key of ours."""
    if not is_set_up():
        return False
    subscriptions = PushSubscription.objects.filter(user=user, endpoint=endpoint, made_for=own_public_key())
    with write_transaction():
        return bool(subscriptions.update(session_key=session_key))


def unsubscribe(user: User, *, pk: int | None = None, endpoint: str = "") -> None:
    which = {"pk": pk} if pk is not None else {"endpoint": endpoint}
    with write_transaction():
        PushSubscription.objects.filter(user=user, **which).delete()


def subscriptions_of(user: User) -> list[PushSubscription]:
    return list(PushSubscription.objects.filter(user=user).order_by("pk"))


def awake(user_id: int) -> list[PushSubscription]:
    """List what may be pushed to now: made for today's key, in a session of this very person that is in force."""
    mine = list(PushSubscription.objects.filter(user_id=user_id, made_for=own_public_key()).order_by("pk"))
    users = users_of_sessions({each.session_key for each in mine}) if mine else {}
    return [each for each in mine if each.session_key in users and users[each.session_key].pk == user_id]


def maybe_awake() -> QuerySet[PushSubscription]:
    """Find those whose session is there, without looking into it: for many people at once."""
    valid = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    return PushSubscription.objects.filter(Exists(valid), made_for=own_public_key())


def read_of(user: User, event_ids: Sequence[int]) -> list[int]:
    """Say which of these the person has read or otherwise dealt with, or is told of no more."""
    unread = Notification.objects.filter(UNREAD, recipient_id=user.pk, event_id__in=event_ids)
    mine = Membership.objects.filter(user=user)
    kept = set(
        unread.filter(organization_id__in=mine.values("organization_id")).values_list("event_id", flat=True)
    )
    return [event_id for event_id in event_ids if event_id not in kept]


def try_it(user: User) -> None:
    """Push a notification that says how one looks to each browser of the person."""
    now = timezone.now()
    Delivery.objects.create(
        key=f"trial push {user.pk} {now.isoformat()}", channel=Delivery.Channel.PUSH, kind=Delivery.Kind.TRIAL,
        user=user, due_at=now, created_at=now,
    )  # fmt: skip
