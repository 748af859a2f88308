"""The notifications page, and the way from a notification to its task."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from base.errors import NotFound
from base.numbers import whole_number
from inbox import marks
from inbox.listing import PAGE, by_day, rows_of, with_events
from inbox.models import Notification
from inbox.newest import Filters, newest
from inbox.org_inboxes import of_request, within
from inbox.reasons import labels, reasons
from inbox.states import VIEWS, Act
from orgs.pages import MemberRequest, is_only_a_look


@login_required
def notification_list(request: MemberRequest) -> HttpResponse:
    """List notifications, newest first, by keyset. In the address: show=a key of VIEWS, org=slug, reason=code,
    before=event id."""
    places = of_request(request)
    show, org, reason = (request.GET.get(name, "") for name in ("show", "org", "reason"))
    show = show if show in VIEWS else ""
    here = within(places, org)
    before = whole_number(request.GET.get("before"))
    filters = Filters(
        org_ids=tuple(place.org_id for place in here),
        reason=reason if reason in reasons() else "",
        states=VIEWS[show or "inbox"],
        before=before,
    )
    event_ids = newest(request.user.pk, filters, PAGE + 1)
    rows = rows_of(with_events(request.user.pk, event_ids[:PAGE]))
    org = here[0].slug if org and here else org
    asked = {name: value for name, value in (("show", show), ("org", org), ("reason", reason)) if value}
    context = {
        "groups": by_day(rows),
        "show": show or "all",
        "org": org,
        "reason": filters.reason,
        "reasons": labels().items(),
        "older": urlencode(asked | {"before": event_ids[PAGE - 1]}) if len(event_ids) > PAGE else "",
        "newer": bool(before),
        "is_filtered": bool(asked),
    }
    return render(request, "inbox/list.html", context)


@require_safe
@login_required
def notification_open(request: MemberRequest, event_id: int) -> HttpResponse:
    """Read it and go to the page of what it is about. Reading twice changes nothing, so an ordinary link serves; a
    program that only looks where it leads reads nothing."""
    mine = Notification.objects.filter(recipient_id=request.user.pk, event_id=event_id)
    joined = [place.org_id for place in of_request(request)]
    notification = mine.filter(organization_id__in=joined).select_related("event__organization").first()
    if notification is None:
        raise NotFound
    if not is_only_a_look(request):
        marks.mark(request.user.pk, Act.READ, [event_id])
    return redirect(notification.event.url_at)
