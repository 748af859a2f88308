"""The address of all acts on notifications: it reads a form, has the act carried out, and says what came of it."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from base.answers import wants_json
from base.errors import Conflict, Invalid, NotFound
from base.moments import moment_in
from base.numbers import whole_number
from inbox import marks, seen
from inbox.marks import Marked
from inbox.org_inboxes import OrgInbox, of_request, org_inboxes, revision, within
from inbox.reasons import reasons
from inbox.revisions import revision_at
from inbox.states import STEPS, VIEWS, Act, State, check_snooze
from orgs.pages import MemberRequest

MARK_LIMIT = 500  # event ids in one request
LAST_MARK = 253_402_300_799_999_999  # the last moment of the year 9999

SAID: dict[Act, str] = {
    Act.READ: "Marked {} read.",
    Act.UNREAD: "Marked {} unread.",
    Act.DONE: "Marked {} done.",
    Act.UNDONE: "Moved {} back to the inbox.",
    Act.SNOOZE: "Snoozed {}.",
    Act.SAVE: "Saved {}.",
    Act.UNSAVE: "Removed {} from Saved.",
}
NOTHING_TO_UNDO = "There was nothing left to undo."


@require_POST
@login_required
def mark(request: MemberRequest) -> HttpResponse:
    """Carry out what the form asks. `act` is one of Act (with `event_ids`), one of Act and -all (with `seen`; maybe
    `show`, `org`, `reason` and `revision`), or undo-all (with `mark`). Those that snooze take `until`."""
    marked = _carry_out(request)
    if wants_json(request):
        # Counts of this revision or a later one know of the mark.
        known = {"X-Inbox-Revision": revision(org_inboxes(request.user.pk))}
        told = known | {"X-Inbox-Mark": marked.mark, "X-Inbox-Changed": marked.changed}
        return HttpResponse(status=204, headers={name: str(number) for name, number in told.items()})
    return HttpResponseRedirect(_next(request))


def _carry_out(request: MemberRequest) -> Marked:
    act = request.POST.get("act", "")
    if act == "undo-all":
        return _undo(request)
    one = act.removesuffix("-all")
    if one not in list(Act):
        raise Invalid(f"Say what to do: act is {', '.join(Act)}, each of these with -all, or undo-all.")
    return (_mark_all if act.endswith("-all") else _mark_some)(request, Act(one))


def _mark_some(request: MemberRequest, act: Act) -> Marked:
    return marks.mark(request.user.pk, act, _event_ids(request), until=_until(request, act))


def _mark_all(request: MemberRequest, act: Act) -> Marked:
    show, reason = request.POST.get("show") or "inbox", request.POST.get("reason", "")
    if reason and reason not in reasons():
        raise Invalid("Say which reason: it is none that a notification has.")
    if show not in VIEWS:
        raise Invalid(f"Say which list: show is {', '.join(VIEWS)}.")
    until = _until(request, act)
    up_to = _seen(request, STEPS[act].sources & VIEWS[show])
    as_of = _revision(request)
    marked = marks.mark_all(
        request.user.pk, act, up_to, show=show, reason=reason, revision=as_of, until=until
    )
    many = "1 notification" if marked.changed == 1 else f"{marked.changed:,} notifications"
    undo = f"undo:{reverse('inbox:mark')}|act=undo-all|mark={marked.mark}" if marked.changed else ""
    _say(request, SAID[act].format(many), undo)
    return marked


def _undo(request: MemberRequest) -> Marked:
    number = _mark(request)
    undone = marks.undo(request.user.pk, number)
    if not undone:
        _say(request, NOTHING_TO_UNDO)
    return Marked(undone, number)


def _say(request: MemberRequest, text: str, undo: str = "") -> None:
    """Tell whoever sees the next page."""
    if not wants_json(request):
        messages.success(request, text, extra_tags=undo)


def _revision(request: HttpRequest) -> int | None:
    """Read the inbox's revision when the list was made; None where that is not said."""
    if "revision" not in request.POST:
        return None
    number = whole_number(request.POST["revision"])
    if number is None:
        raise Invalid("Say which revision of the inbox was shown: it is a whole number.")
    return number


def _until(request: HttpRequest, act: Act) -> dt.datetime | None:
    if act is not Act.SNOOZE:
        return None
    until = _moment("until", request.POST.get("until", ""))
    check_snooze(until, timezone.now())
    return until


def _seen(request: MemberRequest, states: frozenset[State]) -> seen.UpTo:
    """Read what was shown, in one organization or in all. Where only what is unread counts, those without are left
    out."""
    slug = request.POST.get("org", "")
    places = within(of_request(request), slug)
    if slug and not places:
        raise NotFound
    if "seen" in request.POST:
        up_to = seen.last_shown(request.POST["seen"], places)
    else:
        up_to = _seen_before_an_update(request, places)
    wanted = {place.org_id for place in places if place.unread or states - {State.UNREAD}}
    return {org_id: event_id for org_id, event_id in up_to.items() if org_id in wanted}


def _seen_before_an_update(request: MemberRequest, places: list[OrgInbox]) -> seen.UpTo:
    up_to = whole_number(request.POST.get("up_to"))
    if up_to is None:
        raise Invalid(seen.UNREADABLE)
    # It does not say what was hidden.
    if parse_qs(urlsplit(request.POST.get("next", "")).query).get("reason"):
        raise Conflict(seen.FROM_BEFORE)
    return seen.shown_before_an_update(up_to, places)


def _mark(request: MemberRequest) -> int:
    """Read the mark's number; or its moment, as older pages say it."""
    if "read_at" in request.POST:
        return revision_at(_moment("read_at", request.POST["read_at"]))
    number = whole_number(request.POST.get("mark"))
    if number is None or number > LAST_MARK:
        raise Invalid("Say which mark to undo: mark is the number that came with it.")
    return number


def _event_ids(request: HttpRequest) -> list[int]:
    ids = [whole_number(text) for text in request.POST.getlist("event_ids")]
    if not ids or None in ids or len(ids) > MARK_LIMIT:
        raise Invalid(f"Send between 1 and {MARK_LIMIT} event_ids, each a whole number.")
    return [event_id for event_id in ids if event_id is not None]


def _moment(field: str, text: str) -> dt.datetime:
    try:
        if (moment := moment_in(text)) and moment.tzinfo:
            return moment.astimezone(dt.UTC)
    except OverflowError:
        pass  # the year 0
    raise Invalid(f"Say which moment: {field} is a time with its zone.")


def _next(request: HttpRequest) -> str:
    """Find where to go on: a path of our own, never another site."""
    url = request.POST.get("next", "")
    if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None):
        return url
    return reverse("inbox:list")
