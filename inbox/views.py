"""The notifications page and its marks."""

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from inbox import services
from inbox.listing import PAGE, by_day, notifications, rows_of, with_events
from inbox.models import Reason
from inbox.standing import of_request, place_called
from orgs.answers import wants_json
from orgs.errors import Invalid, NotFound
from orgs.pages import MemberRequest

MARK_LIMIT = 500  # event ids in one request


@login_required
def notification_list(request: MemberRequest) -> HttpResponse:
    """Newest first, by keyset. In the address: show=unread, org=slug, reason=code, before=event id."""
    places = of_request(request)
    show, org, reason = (request.GET.get(name, "") for name in ("show", "org", "reason"))
    found = mine = notifications(request.user.pk, places)
    if show == "unread":
        found = found.filter(read_at=None)
    if org:
        place = place_called(org, places)
        found, org = (
            (found.filter(organization_id=place.org_id), place.slug) if place else (found.none(), org)
        )
    if reason in Reason.values:
        found = found.filter(reason=reason)
    before = _event_id(request.GET.get("before"))
    if before:
        found = found.filter(event_id__lt=before)
    page = list(with_events(found)[: PAGE + 1])
    rows, more = rows_of(page[:PAGE]), len(page) > PAGE
    filters = {name: value for name, value in (("show", show), ("org", org), ("reason", reason)) if value}
    context = {
        "groups": by_day(rows),
        "show": show or "all",
        "org": org,
        "reason": reason,
        "reasons": Reason.choices,
        "older": urlencode(filters | {"before": rows[-1].event.pk}) if more else "",
        "newer": bool(before),
        "up_to": mine.values_list("event_id", flat=True).first() or 0,
        "counts": {"total": mine.count()},
        "is_filtered": bool(filters),
    }
    return render(request, "inbox/list.html", context)


@login_required
def notification_open(request: MemberRequest, event_id: int) -> HttpResponse:
    """Read it and go to its task. Reading twice changes nothing, so an ordinary link serves."""
    found = with_events(notifications(request.user.pk, of_request(request)))
    notification = found.filter(event_id=event_id).first()
    if notification is None:
        raise NotFound
    services.mark_read(notification.recipient_id, [event_id])
    event = notification.event
    return redirect("tasks:detail", event.organization.slug, event.task_number)


@require_POST
@login_required
def mark(request: MemberRequest) -> HttpResponse:
    """`act` is read or unread (with `event_ids`), read-all (with `up_to`, maybe `org`) or undo-all (with `read_at`)."""
    match request.POST.get("act"):
        case "read":
            services.mark_read(request.user.pk, _event_ids(request))
        case "unread":
            services.mark_unread(request.user.pk, _event_ids(request))
        case "read-all":
            _mark_all(request)
        case "undo-all":
            services.undo_all_read(request.user.pk, read_at=_moment(request.POST.get("read_at", "")))
        case _:
            raise Invalid("Say what to do: act is read, unread, read-all or undo-all.")
    if wants_json(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(_next(request))


def _mark_all(request: MemberRequest) -> None:
    slug = request.POST.get("org", "")
    place = place_called(slug, of_request(request)) if slug else None
    if slug and place is None:
        raise NotFound
    up_to = _event_id(request.POST.get("up_to"))
    if up_to is None:
        raise Invalid("Say how far you have read: up_to is missing.")
    count, read_at = services.mark_all_read(request.user.pk, up_to=up_to, org_id=place and place.org_id)
    undo = f"undo:{reverse('inbox:mark')}|act=undo-all|read_at={read_at.isoformat()}"
    text = "Marked 1 notification read." if count == 1 else f"Marked {count} notifications read."
    messages.success(request, text, extra_tags=undo if count else "")


def _event_ids(request: HttpRequest) -> list[int]:
    ids = [_event_id(text) for text in request.POST.getlist("event_ids")]
    if not ids or None in ids or len(ids) > MARK_LIMIT:
        raise Invalid(f"Send between 1 and {MARK_LIMIT} event_ids, each a whole number.")
    return [event_id for event_id in ids if event_id is not None]


def _event_id(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None


def _moment(text: str) -> dt.datetime:
    try:
        moment = parse_datetime(text.replace(" ", "+"))  # a plus sign that was not escaped arrives as a space
        if moment and moment.tzinfo:
            return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass  # the 45th of a month; the year 0
    raise Invalid("Say which moment to undo: read_at is a time with its zone.")


def _next(request: HttpRequest) -> str:
    """Where to go on: a path of our own, never another site."""
    url = request.POST.get("next", "")
    if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        return url
    return reverse("inbox:list")
