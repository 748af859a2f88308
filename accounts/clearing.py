"""Clears what has expired: sessions, what was kept of them, and rows of the access record. In batches, each a short
transaction of its own."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import AccessRecord
from accounts.record import OF_STRANGERS
from base.transactions import write_transaction

PAUSE = dt.timedelta(minutes=10)
KEPT = dt.timedelta(days=90)  # of the access record
MOST_OF_STRANGERS = 100_000  # rows that people without an account can have caused
BATCH = 500
BATCHES = 20  # at a time: the rest waits for the next look

_next = dt.datetime.min.replace(tzinfo=dt.UTC)


def clear(now: dt.datetime) -> dt.datetime:
    """Do what is due. Returns when to look again: at once where more is left."""
    global _next
    if now >= _next:
        is_done = [_cleared(expired, now) for expired in EXPIRED]
        _next = now + PAUSE if all(is_done) else now
    return _next


def _cleared(expired: Callable[[dt.datetime], QuerySet[Any]], now: dt.datetime) -> bool:
    """Delete what the query finds. False where more is left."""
    for _ in range(BATCHES):
        with write_transaction():
            keys = list(expired(now).values_list("pk", flat=True)[:BATCH])
            expired(now).filter(pk__in=keys).delete()
        if len(keys) < BATCH:
            return True
    return False


def _sessions(now: dt.datetime) -> QuerySet[Session]:
    return Session.objects.filter(expire_date__lte=now)


def _notes_of_sessions(now: dt.datetime) -> QuerySet[Any]:
    """Find those whose session was signed out, or ended otherwise."""
    living = Session.objects.filter(session_key=OuterRef("session_key"))
    dead: QuerySet[Any] = UserSession.objects.filter(~Exists(living))
    return dead


def _old_records(now: dt.datetime) -> QuerySet[AccessRecord]:
    return AccessRecord.objects.filter(at__lte=now - KEPT).order_by()


def _records_of_strangers(now: dt.datetime) -> QuerySet[AccessRecord]:
    """Find what is beyond the bound, which no number of attempts moves."""
    rows = AccessRecord.objects.filter(kind__in=OF_STRANGERS)
    newest = rows.order_by("-pk").values_list("pk", flat=True)[MOST_OF_STRANGERS : MOST_OF_STRANGERS + 1]
    first = newest.first()
    return rows.filter(pk__lte=first or 0).order_by()


EXPIRED = (_sessions, _notes_of_sessions, _old_records, _records_of_strangers)
