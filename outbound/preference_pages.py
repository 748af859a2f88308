"""The page of preferences: what reaches its reader, by which channel, when, everywhere and in each organization."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.validators import slug_re
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base.answers import wants_json
from base.errors import DomainError, Invalid, NotFound
from base.form_requests import takes_forms
from inbox.asked_lists import asked_lists
from inbox.org_inboxes import OrgInbox, of_request
from orgs.access import membership_in
from orgs.pages import MemberRequest, refused
from outbound.mail import addresses
from outbound.preference_forms import hours_in, offered_zone, switches_in, zones
from outbound.preference_matrix import Table, own_counts, table_of
from outbound.preference_states import State, states_of, try_it
from preferences import services, words
from preferences.chosen import hours_of, switches_of
from preferences.hours import Hours, zone_is_known
from preferences.kinds import Channel

SWITCHES, SCHEDULE = "preferences/_switches.html", "preferences/_schedule.html"


@require_safe
@login_required
def page(request: MemberRequest) -> HttpResponse:
    """Show the switches of everywhere, or of the organization that `org` names."""
    context = _switches(request) | _schedule(request) | asked_lists(request)
    return render(request, "preferences/page.html", context)


@require_POST
@takes_forms("PATCH /api/v1/preferences")
@login_required
def choose(request: MemberRequest) -> HttpResponse:
    """Set the switches that were changed, everywhere or in `org`, and show them again."""
    organization_id = _organization(request)
    for each in switches_in(request.POST):
        services.choose(request.user.pk, organization_id, *each)
    return _answer(request, "Saved.", SWITCHES)


@require_POST
@takes_forms("PATCH /api/v1/preferences")
@login_required
def as_everywhere(request: MemberRequest) -> HttpResponse:
    """Let everywhere's switches hold in `org` too."""
    if (organization_id := _organization(request)) is None:
        raise Invalid("Say in which organization: org is its short name.")
    services.as_everywhere(request.user.pk, organization_id)
    return _answer(request, "As everywhere.", SWITCHES)


@require_POST
@takes_forms("PATCH /api/v1/preferences")
@login_required
def schedule(request: MemberRequest) -> HttpResponse:
    """Set the reader's zone, hours and days, and show what that means."""
    try:
        services.set_schedule(request.user.pk, hours_in(request.POST))
    except Invalid as error:
        refused(request, error)
        return HttpResponseRedirect(_address(request))
    return _answer(request, "Saved.", SCHEDULE, SWITCHES)


@require_POST
@takes_forms()
@login_required
def trial(request: MemberRequest) -> HttpResponse:
    """Send something by the `channel`, e-mail or desktop, to try it."""
    channel = request.POST.get("channel", "")
    if channel not in (Channel.DESKTOP, Channel.MAIL):
        raise Invalid("Say what to try: channel is mail or desktop.")
    try:
        said, level = try_it(request.user, Channel(channel)), messages.SUCCESS
    except DomainError as error:
        if wants_json(request):
            raise
        said, level = error.message, messages.ERROR
    if wants_json(request):
        return JsonResponse({"said": said})
    messages.add_message(request, level, said)
    return HttpResponseRedirect(_address(request))


@require_POST
@takes_forms()
@login_required
def mail_again(request: MemberRequest) -> HttpResponse:
    """Send to the reader's address again, since they say that it takes mail."""
    addresses.try_again(request.user)
    messages.success(request, "Your mail goes to your address again.")
    return HttpResponseRedirect(_address(request))


def _answer(request: MemberRequest, said: str, *parts: str) -> HttpResponse:
    """Answer a script with parts of the page as it is now, a person with the page."""
    if not wants_json(request):
        messages.success(request, said)
        return HttpResponseRedirect(_address(request))
    context = _switches(request) | _schedule(request)
    return JsonResponse({"html": "".join(render_to_string(each, context, request) for each in parts)})


def _address(request: MemberRequest) -> str:
    org = request.POST.get("org", "")
    return reverse("preferences:page") + (f"?{urlencode({'org': org})}" if org else "")


def _organization(request: MemberRequest) -> int | None:
    """Find the organization of the reader's that the request is about; None is everywhere. Raises NotFound."""
    slug = (request.POST if request.method == "POST" else request.GET).get("org", "")
    if slug and not slug_re.match(slug):
        raise NotFound
    return membership_in(slug, request.user.pk).organization_id if slug else None


def _switches(request: MemberRequest) -> dict[str, Any]:
    organization_id = _organization(request)
    places = of_request(request)
    place = next((place for place in places if place.org_id == organization_id), None)
    switches = switches_of(request.user.pk)
    table, own = table_of(switches, place), own_counts(switches)
    hours = hours_of([request.user.pk])[request.user.pk]
    return {
        "place": place,
        "org": place.slug if place else "",
        "places": [(each, own.get(each.org_id, 0)) for each in places],
        "table": table,
        "columns": _columns(table, place, hours, states_of(request.user)),
    }


def _columns(
    table: Table, place: OrgInbox | None, hours: Hours, states: dict[Channel, State]
) -> list[dict[str, Any]]:
    """Say of each channel what it is called, how it stands, and what will happen."""
    now = timezone.now()
    will = {
        Channel.INBOX: words.of_inbox(
            table.stand[Channel.INBOX], place.name if place else "your organizations"
        ),
        Channel.TOAST: words.of_toasts(table.told(Channel.TOAST)),
        Channel.DESKTOP: words.of_desktop(table.told(Channel.DESKTOP), hours, now),
        Channel.MAIL: words.of_mail(table.told(Channel.MAIL), hours, now),
    }
    return [
        {
            "channel": channel,
            "label": words.CHANNELS[channel],
            "state": states[channel],
            "will": states[channel].instead or will[channel],
        }
        for channel in Channel
    ]


def _schedule(request: MemberRequest) -> dict[str, Any]:
    hours = hours_of([request.user.pk])[request.user.pk]
    return {
        "hours": hours,
        "zone_is_known": zone_is_known(hours.zone),
        "zones": zones(hours.zone),
        "offered": offered_zone(request, hours),
        "days": [(number, name, number in hours.days) for number, name in enumerate(words.DAYS)],
        "hours_said": words.of_hours(hours),
    }
