"""For the audit's page of an event: who was notified, why, and when each read it."""

from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest

from events.audit.sections import section
from events.models import TaskEvent
from events.saves import last_of_save
from inbox.models import Notification
from inbox.reasons import of_another
from orgs.models import User

SHOWN = 100


@section("admin/inbox/_notified.html")
def notified(event: TaskEvent, request: HttpRequest) -> dict[str, Any]:
    only_unread = "unread" in request.GET
    told_with = last_of_save(event)
    how_many, rows = told_of(told_with, only_unread=only_unread)
    total = how_many["unread" if only_unread else "all"]
    shown = {"rows": rows, "total": total, "only_unread": only_unread}
    return how_many | shown | {"told_with": None if told_with == event else told_with}


def told_of(event: TaskEvent, *, only_unread: bool = False) -> tuple[dict[str, int], list[Notification]]:
    """Count whom an event notified, the last of its save, and list the first of them, with `why` in words."""
    notifications = _notifications(event)
    how_many = notifications.aggregate(all=Count("recipient"), read=Count("read_at"))
    how_many["unread"] = how_many["all"] - how_many["read"]
    listed = notifications.filter(read_at=None) if only_unread else notifications
    rows = list(listed.select_related("recipient").order_by("recipient__username")[:SHOWN])
    for notification in rows:
        notification.why = of_another(notification.reason, event.about.name)  # type: ignore[attr-defined]
    return how_many, rows


def _notifications(event: TaskEvent) -> QuerySet[Notification]:
    """Find them by way of the people, for the key begins with the recipient: an index that begins with the event would
    cost every notification of every day, for a page that is seldom looked at."""
    return Notification.objects.filter(event=event, recipient__in=User.objects.values("pk"))
