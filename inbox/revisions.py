"""The revision of an inbox: the lock that puts one person's changes of state in order, and the number of each."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from base.announcements import user_group_name
from base.transactions import write_transaction
from inbox.models import Inbox

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
LAST = 253_402_300_799_999_999  # the last moment of the year 9999


def moment_of(revision: int) -> dt.datetime:
    """Read the number as a time. Raises OverflowError."""
    return _EPOCH + revision * _MICROSECOND


def revision_at(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


@contextmanager
def locked(user_id: int) -> Iterator[Inbox]:
    """Lock the user's inbox until the commit; with the revision that a change under this lock has, once it is kept."""
    with write_transaction(user_group_name(user_id)):
        inboxes = Inbox.objects.select_for_update(no_key=True).filter(pk=user_id)
        inbox = inboxes.first()
        if inbox is None:
            Inbox.objects.bulk_create([Inbox(user_id=user_id)], ignore_conflicts=True)
            inbox = inboxes.get()
        inbox.revision = max(revision_at(timezone.now()), inbox.revision + 1)
        yield inbox


def keep(inbox: Inbox) -> None:
    """Write the revision down: something was changed."""
    inbox.save(update_fields=["revision"])
