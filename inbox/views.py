"""The notifications page and its marks."""

import datetime as dt
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from base.answers import wants_json
from base.errors import Conflict, Invalid, NotFound
from base.moments import moment_in
from base.numbers import whole_number
from inbox import seen, services
from inbox.listing import PAGE, by_day, rows_of, with_events
from inbox.models import Notification
from inbox.newest import Filters, newest
from inbox.org_inboxes import OrgInbox, of_request, org_inboxes, place_called, revision
from inbox.reasons import labels, reasons
from orgs.pages import MemberRequest, is_only_a_look

MARK_LIMIT = 500  # event ids in one request
LAST_MARK = 253_402_300_799_999_999  # the last moment of the year 9999


@login_required
def notification_list(request: MemberRequest) -> HttpResponse:
    """Newest first, by keyset. In the address: show=unread, org=slug, reason=code, before=event id."""
    places = of_request(request)
    show, org, reason = (request.GET.get(name, "") for name in ("show", "org", "reason"))
    within = _within(places, org)
    before = whole_number(request.GET.get("before"))
    filters = Filters(
        org_ids=tuple(place.org_id for place in within),
        reason=reason if reason in reasons() else "",
        only_unread=show == "unread",
        before=before,
    )
    event_ids = newest(request.user.pk, filters, PAGE + 1)
    rows = rows_of(with_events(request.user.pk, event_ids[:PAGE]))
    org = within[0].slug if org and within else org
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
        services.mark_read(request.user.pk, [event_id])
    return redirect(notification.event.url)


@require_POST
@login_required
def mark(request: MemberRequest) -> HttpResponse:
    """`act` is read or unread (with `event_ids`), read-all (with `seen`, maybe `org` and `reason`) or undo-all (with
    `mark`)."""
    user_id = request.user.pk
    match request.POST.get("act"):
        case "read":
            services.mark_read(user_id, _event_ids(request))
        case "unread":
            services.mark_unread(user_id, _event_ids(request))
        case "read-all":
            _mark_all(request)
        case "undo-all":
            services.undo_mark(user_id, _mark(request))
        case _:
            raise Invalid("Say what to do: act is read, unread, read-all or undo-all.")
    if wants_json(request):
        # Counts of this revision or a later one know of the mark.
        return HttpResponse(status=204, headers={"X-Inbox-Revision": str(revision(org_inboxes(user_id)))})
    return HttpResponseRedirect(_next(request))


def _mark_all(request: MemberRequest) -> None:
    reason = request.POST.get("reason", "")
    if reason and reason not in reasons():
        raise Invalid("Say which reason: it is none that a notification has.")
    count, mark = services.mark_all_read(request.user.pk, _seen(request), reason=reason)
    undo = f"undo:{reverse('inbox:mark')}|act=undo-all|mark={mark}"
    text = "Marked 1 notification read." if count == 1 else f"Marked {count:,} notifications read."
    messages.success(request, text, extra_tags=undo if count else "")


def _seen(request: MemberRequest) -> seen.UpTo:
    """What was shown, in one organization or in all. Those in which nothing is unread are left out."""
    slug = request.POST.get("org", "")
    places = _within(of_request(request), slug)
    if slug and not places:
        raise NotFound
    if "seen" in request.POST:
        up_to = seen.shown(request.POST["seen"], places)
    else:
        up_to = _seen_before_an_update(request, places)
    unread = {place.org_id for place in places if place.unread}
    return {org_id: event_id for org_id, event_id in up_to.items() if org_id in unread}


def _within(places: list[OrgInbox], slug: str) -> list[OrgInbox]:
    """The one whose organization has, or had, this short name; all without one."""
    if not slug:
        return places
    place = place_called(slug, places)
    return [place] if place else []


def _seen_before_an_update(request: MemberRequest, places: list[OrgInbox]) -> seen.UpTo:
    up_to = whole_number(request.POST.get("up_to"))
    if up_to is None:
        raise Invalid(seen.UNREADABLE)
    if parse_qs(urlsplit(request.POST.get("next", "")).query).get(
        "reason"
    ):  # it does not say what was hidden
        raise Conflict(seen.FROM_BEFORE)
    return seen.shown_before_an_update(up_to, places)


def _mark(request: MemberRequest) -> int:
    """By its number; or by its moment, as older pages say it."""
    if "read_at" in request.POST:
        return services.revision_at(_moment(request.POST["read_at"]))
    number = whole_number(request.POST.get("mark"))
    if number is None or number > LAST_MARK:
        raise Invalid("Say which mark to undo: mark is the number that came with it.")
    return number


def _event_ids(request: HttpRequest) -> list[int]:
    ids = [whole_number(text) for text in request.POST.getlist("event_ids")]
    if not ids or None in ids or len(ids) > MARK_LIMIT:
        raise Invalid(f"Send between 1 and {MARK_LIMIT} event_ids, each a whole number.")
    return [event_id for event_id in ids if event_id is not None]


def _moment(text: str) -> dt.datetime:
    try:
        if (moment := moment_in(text)) and moment.tzinfo:
            return moment.astimezone(dt.UTC)
    except OverflowError:
        pass  # the year 0
    raise Invalid("Say which moment to undo: read_at is a time with its zone.")


def _next(request: HttpRequest) -> str:
    """Where to go on: a path of our own, never another site."""
    url = request.POST.get("next", "")
    if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        return url
    return reverse("inbox:list")
