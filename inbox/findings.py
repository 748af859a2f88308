"""For the audit: every notification has its event, of its own organization, tells somebody else of it, and is in a
state that there is. Whether its recipient was a member then is asked of each alone (`why.py`)."""

from collections.abc import Iterator

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from events.findings import Bars, Finding, Scope, register
from events.models import TaskEvent
from inbox.models import Notification
from inbox.reasons import reasons
from inbox.states import State
from orgs.models import User


@register
def check_notifications(scope: Scope, bars: Bars) -> Iterator[Finding]:
    """Check one recipient after the other: that is how the table is sorted."""
    told = _within(scope)
    with bars(desc="Notifications", unit=" recipients", total=None) as bar:
        recipient = -1
        while (later := _next(recipient)) is not None:
            recipient = later
            known = User.objects.filter(pk=recipient).exists()
            wrong = told.filter(recipient_id=recipient)
            for note in (_suspect(wrong) if known else wrong).iterator():
                yield _finding(note, known=known)
            bar.update()


def _within(scope: Scope) -> "QuerySet[Notification]":
    if scope.stream_id:
        return Notification.objects.filter(event_id__in=scope.events().values("pk"))
    found = Notification.objects.all()
    return found if scope.org_id is None else found.filter(organization_id=scope.org_id)


def _next(recipient: int) -> int | None:
    later = Notification.objects.filter(recipient_id__gt=recipient)
    first: int | None = later.aggregate(first=Min("recipient_id"))["first"]
    return first


# What came back and was not touched since keeps its moment.
SNOOZED_WITH_A_MOMENT = Q(state__in=(State.SNOOZED, State.UNREAD), snoozed_until__isnull=False) | (
    ~Q(state=State.SNOOZED) & Q(snoozed_until__isnull=True)
)


def _suspect(notes: "QuerySet[Notification]") -> "QuerySet[Notification]":
    event = TaskEvent.objects.filter(pk=OuterRef("event_id"), organization_id=OuterRef("organization_id"))
    right = event.exclude(actor_id=OuterRef("recipient_id")).exclude(parts=0)
    return notes.exclude(
        Exists(right), SNOOZED_WITH_A_MOMENT, reason__in=list(reasons()), state__in=list(State)
    )


def _finding(note: Notification, *, known: bool) -> Finding:
    event = TaskEvent.objects.filter(pk=note.event_id).first()
    code, message = _what(note, event, known=known)
    position = event.position if event else None
    who = f"the notification of user {note.recipient_id} about the event with the id {note.event_id}"
    return Finding(
        event.organization_id if event else note.organization_id, position, code, f"{who} {message}"
    )


def _what(note: Notification, event: TaskEvent | None, *, known: bool) -> tuple[str, str]:
    if event is None:
        return "notification_without_event", "is of no event"
    if not known:
        return "notification_without_recipient", "is for nobody: there is no such user"
    if event.organization_id != note.organization_id:
        return "notification_elsewhere", f"names another organization than the event, {note.organization_id}"
    if event.actor_id == note.recipient_id:
        return "notification_of_own_deed", "tells somebody of their own deed"
    if event.parts == 0:
        return "notification_of_part", "tells of a part of a save, which is told with its last event"
    if note.reason not in reasons():
        return "notification_reason", f"has the reason '{note.reason}', which does not exist"
    if note.state not in list(State):
        return "notification_state", f"is in state {note.state}, which does not exist"
    if note.snoozed_until is None:
        return "notification_snooze", "is snoozed, and never comes back"
    return "notification_snooze", "has a moment to come back, and is neither snoozed nor unread"
