"""The notifications page, and the way from a notification to its task."""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from base.errors import NotFound
from base.numbers import whole_number
from events.models import TaskEvent
from inbox import list_page, marks
from inbox.counting import counts_by_reason, total_of
from inbox.days import day_in, end_of_day
from inbox.listing import by_day
from inbox.models import Notification
from inbox.org_inboxes import COUNTED, OrgInbox, of_request, with_states
from inbox.query import Query, of_address
from inbox.reasons import ASSIGNED, MENTIONED
from inbox.replica_pages import read_page
from inbox.retention import CLEARED, cleared_before
from inbox.rows_page import RowsPage, rows_page
from inbox.states import STEPS, Act, State
from inbox.thread_rows import Opened, ThreadRow, thread_rows
from inbox.threads import newest_of, page_of, woken
from inbox.wanted import Wanted, wanted
from inbox.way_back import with_words
from orgs.pages import MemberRequest, is_only_a_look

BULK = {
    Act.READ: "Mark read",
    Act.UNREAD: "Mark unread",
    Act.SAVE: "Save",
    Act.UNSAVE: "Take out of Saved",
    Act.DONE: "Done",
    Act.UNDONE: "Back to the inbox",
}


@login_required
def notification_list(request: MemberRequest) -> HttpResponse:
    """List threads, newest first, by keyset. In the address: q=words, before=event id, before_day=date; open=stream,
    older=event id and menu=snooze:stream or more:stream open what lies within a row."""
    places = with_states(request)
    return read_page(request, places, lambda: _list(request, places))


def _list(request: MemberRequest, places: list[OrgInbox]) -> HttpResponse:
    query = query_in(request)
    asked = wanted(query, places)
    before = _before(request, asked)
    came_back = woken(request.user.pk, asked)
    found = page_of(request.user.pk, asked, before, apart=came_back)
    on_top = [] if before else newest_of(request.user.pk, asked, came_back)
    rows = thread_rows(request.user.pk, asked, [*on_top, *found.threads], _opened(request))
    page = rows_page(request, query, asked, places)
    context = {
        "groups": _groups(rows, {str(stream_id) for stream_id, _ in on_top}),
        "page": page,
        "older_page": found.older,
        "newer": bool(before),
        "kept_days": settings.KEEP_NOTIFICATIONS_DAYS if asked.states & set(CLEARED) else 0,
        "before_day": request.GET.get("before_day", ""),
        "today": timezone.localdate().isoformat(),
        "empty": list_page.empty_of(
            asked.understood, is_later_page=bool(before), has_organizations=bool(places)
        ),
    }
    return render(request, "inbox/list.html", context | _around(request, page, asked, places))


def query_in(request: HttpRequest) -> Query:
    return of_address(*(request.GET.get(name, "") for name in ("q", "show", "org", "reason")))


def _before(request: MemberRequest, asked: Wanted) -> int | None:
    """Read where the page begins: at an event, or at the end of a day."""
    day = day_in(request.GET.get("before_day", ""))
    if day is not None and day < timezone.localdate():
        return end_of_day(asked.org_ids, day)
    return whole_number(request.GET.get("before")) or None


def _opened(request: HttpRequest) -> Opened:
    stream, menu = request.GET.get("open", ""), request.GET.get("menu", "")
    return Opened(stream, whole_number(request.GET.get("older")), menu)


def _groups(rows: list[ThreadRow], on_top: set[str]) -> list[dict[str, Any]]:
    top = [row for row in rows if row.stream_id in on_top]
    days = by_day(row for row in rows if row.stream_id not in on_top)
    return [*([{"day": "Back from snooze", "rows": top}] if top else []), *days]


def _around(request: MemberRequest, page: RowsPage, asked: Wanted, places: list[OrgInbox]) -> dict[str, Any]:
    unread = frozenset({State.UNREAD})
    own = Wanted(tuple(place.org_id for place in places), unread)
    counts, own_counts, counts_to_read = counts_by_reason(
        request.user.pk, asked, own, asked._replace(states=asked.states & unread)
    )
    matching, to_read = total_of(counts, asked.reasons), total_of(counts_to_read, asked.reasons)
    understood = asked.understood
    return {
        "heading": list_page.heading_of(understood),
        "words": page.words,
        "understood": page.understood,
        "notes": _notes(asked),
        "views": list_page.views(
            list_page.view_of(understood), places, own_counts.get(MENTIONED, 0) + own_counts.get(ASSIGNED, 0)
        ),
        "organizations": list_page.organizations(understood, places, asked.org_ids),
        "chips": list_page.chips(understood, counts, places[0].name if len(places) == 1 else ""),
        "matching": "999+" if matching >= COUNTED else f"{matching}",
        "to_read": to_read,
        "mark_all_words": mark_all_words(to_read),
        "bulk_acts": [{"code": act, "label": label} for act, label in BULK.items() if _leads_on(act, asked)],
        "snoozes": page.snoozes,
        "query_data": json.dumps(list_page.data_of(asked)),
        "here": page.here,
    }


def mark_all_words(count: int) -> str:
    if count >= COUNTED:
        return "Mark all 999+ read"
    return "Mark this one read" if count == 1 else f"Mark these {count} read"


def _leads_on(act: Act, asked: Wanted) -> bool:
    """Say whether the act changes anything that the list shows."""
    return bool(STEPS[act].sources & asked.states)


def _notes(asked: Wanted) -> list[str]:
    if not asked.not_searched:
        return list(asked.faults)
    many = f"{asked.not_searched:,} recent changes are"
    return [*asked.faults, f"{many} not searched yet. Search again in a moment."]


@require_safe
@login_required
def notification_open(request: MemberRequest, event_id: int) -> HttpResponse:
    """Go to its event, on the page of what it is about, with the words of the list that it was opened from. A page
    that opens at an event reads what it shows; for any other it is read here. Reading twice changes nothing, so an
    ordinary link serves; a program that only looks where it leads reads nothing."""
    mine = Notification.objects.filter(recipient_id=request.user.pk, event_id=event_id)
    joined = [place.org_id for place in of_request(request)]
    notification = mine.filter(organization_id__in=joined).select_related("event__organization").first()
    if notification is None:
        return _opened_after_clearing(joined, event_id)
    event = notification.event
    if not event.about.event_page and not is_only_a_look(request):
        marks.mark(request.user.pk, Act.READ, [event_id])
    words = request.GET.get("q")
    return redirect(event.url_at if words is None else with_words(event.url_at, words))


def _opened_after_clearing(joined: Sequence[int], event_id: int) -> HttpResponse:
    """Lead to the event from a page that has been open since its notification was cleared."""
    event = TaskEvent.objects.readable().filter(pk=event_id, organization_id__in=joined).first()
    before = cleared_before() if event else None
    if event is None or before is None or event.created_at >= before:
        raise NotFound
    return redirect(event.url_at)
