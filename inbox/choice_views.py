"""Addresses of what somebody chooses to be told: of one stream, and of whole organizations."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from base.answers import wants_json, way_on
from base.errors import Invalid, NotFound
from base.form_requests import takes_forms
from events.models import TaskEvent
from inbox import services
from inbox.models import Watch
from inbox.org_inboxes import of_request
from orgs.pages import MemberRequest


@require_POST
@takes_forms()
@login_required
def mute(request: MemberRequest) -> HttpResponse:
    """Mute the `stream` (`muted` is 1) or be told of it as before (0), and go on to `next`."""
    newest, muted = _newest(request), _yes_or_no(request, "muted")
    watched = Watch.objects.filter(user=request.user, stream_id=newest.stream_id).exists()
    services.mute(request.user.pk, newest.organization_id, newest.stream_id, muted=muted)
    said = f"You muted {newest.key}. {UNTIL}" if muted else f"You are told of {newest.key} as before."
    back = ("watch", "watching", 1) if watched and muted else ("mute", "muted", int(not muted))
    return _answer(request, newest, said, back)


@require_POST
@takes_forms("PUT /api/v1/orgs/<slug>/tasks/<number>/watch")
@login_required
def watch(request: MemberRequest) -> HttpResponse:
    """Watch the `stream` (`watching` is 1) or no more (0), and go on to `next`."""
    newest, watching = _newest(request), _yes_or_no(request, "watching")
    services.watch(request.user.pk, newest.organization_id, newest.stream_id, watching=watching)
    said = f"You watch {newest.key}." if watching else f"You stopped watching {newest.key}."
    return _answer(request, newest, said, ("watch", "watching", int(not watching)))


UNTIL = "You are told of it again once somebody mentions you in it or assigns it to you."


def settings(request: HttpRequest) -> HttpResponse:
    """Lead to the page of preferences, whatever an old link asked for."""
    return HttpResponseRedirect(reverse("preferences:page"))


def _newest(request: MemberRequest) -> TaskEvent:
    """Find the newest event of the stream that the form names, in an organization of the reader's. Raises Invalid and
    NotFound."""
    try:
        stream_id = uuid.UUID(request.POST.get("stream", ""))
    except ValueError:
        raise Invalid("Say which task: stream is its id.") from None
    joined = [place.org_id for place in of_request(request)]
    events = TaskEvent.objects.filter(stream_id=stream_id, organization_id__in=joined)
    newest = events.select_related("organization").order_by("-version").first()
    if newest is None:
        raise NotFound
    return newest


def _yes_or_no(request: MemberRequest, name: str) -> bool:
    if request.POST.get(name) not in ("0", "1"):
        raise Invalid(f"Say what to do: {name} is 1 or 0.")
    return request.POST[name] == "1"


def _answer(request: MemberRequest, newest: TaskEvent, said: str, back: tuple[str, str, int]) -> HttpResponse:
    """Answer a program with nothing, a person with what was done and the way back."""
    if wants_json(request):
        return HttpResponse(status=204)
    address, field, value = back
    undo = f"undo:{reverse(f'inbox:{address}')}|stream={newest.stream_id}|{field}={value}"
    onward = way_on(request, newest.url)
    messages.success(request, said, extra_tags=f"{undo}|next={onward}")
    return HttpResponseRedirect(onward)
