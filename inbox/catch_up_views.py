"""Catch me up: what is different since the last visit, or since another moment, and done with it."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from base.errors import Invalid
from base.form_requests import takes_forms
from base.numbers import whole_number
from events.models import TaskEvent
from inbox import marks, seen
from inbox.catch_up import LINES, Interval, different, told_between
from inbox.org_inboxes import joined_cursors, of_request, revision
from inbox.starts import start_of
from inbox.states import Act
from orgs.pages import SAFE, MemberRequest


@require_http_methods([*SAFE, "POST"])
@takes_forms("POST /api/v1/notifications/marks")
@login_required
def catch_up(request: MemberRequest) -> HttpResponse:
    """Show it, from the start that `since` asks for to the logs' heads. Sent by a form, it is done with: the
    notifications that came in the interval shown, of the `streams` named."""
    if request.method == "POST":
        return _done(request)
    places, asked, error = of_request(request), request.GET.get("since", ""), ""
    try:
        start = start_of(request.user.pk, asked, places)
    except Invalid as refused:
        error, start = refused.message, start_of(request.user.pk, "", places)
    heads = seen.last_shown(joined_cursors(places), places) if places else {}
    intervals = {org_id: Interval(start.after.get(org_id, 0), upto) for org_id, upto in heads.items()}
    context = {
        "start": start,
        "error": error,
        "page": different(request.user.pk, intervals),
        "after": ",".join(f"{org_id}.{interval.after}" for org_id, interval in intervals.items()),
        "revision": revision(places),
    }
    return render(request, "inbox/catch_up.html", context, status=400 if error else 200)


def _done(request: MemberRequest) -> HttpResponse:
    places = of_request(request)
    after = _after(request.POST.get("after", ""))
    upto = seen.last_shown(request.POST.get("seen", ""), places)
    intervals = {org_id: Interval(after[org_id], last) for org_id, last in upto.items() if org_id in after}
    streams = TaskEvent.objects.filter(stream_id__in=_streams(request)).values("pk")
    rows = told_between(request.user.pk, intervals).filter(event_id__in=streams)
    as_of = whole_number(request.POST.get("revision"))
    marked = marks.mark_between(request.user.pk, Act.DONE, rows, revision=as_of)
    many = "1 notification" if marked.changed == 1 else f"{marked.changed:,} notifications"
    back = _back(request)
    undo = (
        f"undo:{reverse('inbox:mark')}|act=undo-all|mark={marked.mark}|next={back}" if marked.changed else ""
    )
    messages.success(request, f"Done with {many}.", extra_tags=undo)
    return HttpResponseRedirect(back)


def _back(request: MemberRequest) -> str:
    since = request.POST.get("since", "")
    return reverse("inbox:catch_up") + (f"?{urlencode({'since': since})}" if since else "")


def _after(text: str) -> dict[int, int]:
    """Read where the intervals begin: `1.120,2.0`, an organization's id and an event's. Raises Invalid."""
    pairs = [[whole_number(number) for number in part.split(".")] for part in text.split(",")[:1000]]
    if any(len(pair) != 2 or None in pair for pair in pairs):
        raise Invalid("Say where it begins: after is an organization and an event for each, with commas.")
    return {org_id: event_id for org_id, event_id in pairs if org_id is not None and event_id is not None}


def _streams(request: MemberRequest) -> list[uuid.UUID]:
    try:
        streams = [uuid.UUID(text) for text in request.POST.getlist("streams")]
    except ValueError:
        streams = []
    if not 1 <= len(streams) <= LINES:
        raise Invalid(f"Say with which tasks: between 1 and {LINES} streams, each its id.")
    return streams
