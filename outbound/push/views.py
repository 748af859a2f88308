"""The addresses that a browser asks about desktop push, and the script that shows it."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.urls import get_script_prefix
from django.views.decorators.http import require_POST, require_safe

from base.answers import wants_json, way_on
from base.errors import Invalid, NotFound
from base.form_requests import takes_forms
from orgs.pages import MemberRequest
from outbound.push import services
from outbound.push.browsers import in_words
from outbound.push.services import Given

SCRIPT = "js/service_worker.js"
LONGEST = 2000  # characters of a field
EVENTS = 500


@require_POST
@takes_forms()
@login_required
def subscribe(request: MemberRequest) -> HttpResponse:
    """Push to this browser from now on: its `endpoint`, `p256dh` and `auth`."""
    given = Given(*(_field(request, name) for name in Given._fields))
    browser = in_words(request.headers.get("User-Agent", ""))
    services.subscribe(request.user, str(request.session.session_key), given, browser)
    return HttpResponse(status=204)


@require_POST
@takes_forms()
@login_required
def renew(request: MemberRequest) -> HttpResponse:
    """Go on in this browser, whose person has signed in again; say whether it is `on`."""
    is_on = services.renew(request.user, str(request.session.session_key), _field(request, "endpoint"))
    return JsonResponse({"on": is_on})


@require_POST
@takes_forms()
@login_required
def unsubscribe(request: MemberRequest) -> HttpResponse:
    """Push no more to one of the person's browsers: the one of that `id`, or with this `endpoint`."""
    number = request.POST.get("id", "")
    if number:
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            raise NotFound
        services.unsubscribe(request.user, pk=int(number))
    else:
        services.unsubscribe(request.user, endpoint=_field(request, "endpoint"))
    if wants_json(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(way_on(request, resolve_url("home")))


@require_safe
@login_required
def read(request: MemberRequest) -> HttpResponse:
    """Say which of these `events` of the person's are unread no more: a browser still shows them."""
    numbers = [text for text in request.GET.get("events", "").split(",") if text.isascii() and text.isdigit()]
    event_ids = [int(text) for text in numbers[:EVENTS] if len(text) < 19]
    return JsonResponse({"read": services.read_of(request.user, event_ids)})


def _field(request: MemberRequest, name: str) -> str:
    value = request.POST.get(name, "")
    if not value or len(value) > LONGEST:
        raise Invalid(f"Say {name} of this browser's subscription.")
    return value


@require_safe
def service_worker(_request: object) -> HttpResponse:
    """Serve the script. A browser asks for it again when a page is opened, and takes what a release has changed."""
    response = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = get_script_prefix()
    response["Cache-Control"] = "no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _script() -> str:
    return _read() if settings.DEBUG else _kept()


def _read() -> str:
    found = finders.find(SCRIPT)
    if not isinstance(found, str):
        raise NotFound
    return Path(found).read_text("utf-8")


@cache
def _kept() -> str:
    return _read()
