"""The address of all acts on notifications: it reads a form, has the act carried out, and says what came of it."""

import datetime as dt
import re
import uuid
from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from base.answers import wants_json
from base.errors import Conflict, Invalid, NotFound
from base.form_requests import takes_forms
from base.moments import moment_in
from base.numbers import whole_number
from inbox import marks, seen, undo_offers
from inbox.marks import Marked
from inbox.org_inboxes import OrgInbox, of_request, org_inboxes, revision, within
from inbox.query import Query
from inbox.reasons import reasons
from inbox.revisions import LAST, revision_at
from inbox.said import said, undone
from inbox.snooze_times import until_of
from inbox.states import STEPS, VIEWS, Act, State
from inbox.wanted import Wanted, wanted
from orgs.pages import MemberRequest

MARK_LIMIT = 500  # event ids or threads in one request

CHANGED_LIST = (
    "Nothing was changed: the list names something that is not there any more. Reload it, then try again."
)
TOO_MANY = f"Select between 1 and {MARK_LIMIT} threads; for more, take all that match."


class Done(NamedTuple):
    """What came of it, in words; `offers`: whether an undo is offered."""

    marked: Marked
    said: str = ""
    offers: bool = False


@require_POST
@takes_forms("POST /api/v1/notifications/marks")
@login_required
def mark(request: MemberRequest) -> HttpResponse:
    """Carry out what the form asks. `act` is one of Act (with `event_ids`), one of Act and -threads (with `threads`,
    `q` and maybe `revision`), one of Act and -all (with `seen`; maybe `q` and `revision`), undo-all (with `mark`), or
    keep, which only takes the offer of an undo away. Those that snooze take `until`."""
    if request.POST.get("act") == "keep":
        response: HttpResponse = HttpResponseRedirect(_next(request))
        undo_offers.withdraw(response)
        return response
    done = _carry_out(request)
    response = _answer(request, done)
    if not done.offers:
        if request.POST.get("act") == "undo-all":
            undo_offers.withdraw(response)
    elif not wants_json(request) or "offer" in request.POST:
        undo_offers.offer(response, request.user.pk, done.said, done.marked.mark)
    return response


def _answer(request: MemberRequest, done: Done) -> HttpResponse:
    if wants_json(request):
        # Counts of this revision or a later one know of the mark.
        known = {"X-Inbox-Revision": revision(org_inboxes(request.user.pk))}
        told = known | {"X-Inbox-Mark": done.marked.mark, "X-Inbox-Changed": done.marked.changed}
        return HttpResponse(status=204, headers={name: str(number) for name, number in told.items()})
    if done.said and not done.offers:
        messages.success(request, done.said)
    return HttpResponseRedirect(_next(request))


def _carry_out(request: MemberRequest) -> Done:
    act = request.POST.get("act", "")
    if act == "undo-all":
        return _undo(request)
    one, _, which = act.partition("-")
    if one not in list(Act) or which not in ("", "threads", "all"):
        raise Invalid(
            f"Say what to do: act is {', '.join(Act)}, each of these with -threads or -all, or undo-all."
        )
    until = _until(request, Act(one))
    if which == "all" or (which and "everything" in request.POST):
        return _mark_all(request, Act(one), until)
    return (_mark_threads if which else _mark_some)(request, Act(one), until)


def _mark_some(request: MemberRequest, act: Act, until: dt.datetime | None) -> Done:
    event_ids = _event_ids(request)
    marked = marks.mark(request.user.pk, act, event_ids, until=until)
    return _done(request, act, marked, until, event_ids)


def _mark_threads(request: MemberRequest, act: Act, until: dt.datetime | None) -> Done:
    threads, as_of = _threads(request), _revision(request)
    asked = _asked(request, of_request(request))
    marked = marks.mark_threads(request.user.pk, act, threads, asked, revision=as_of, until=until)
    return _done(request, act, marked, until, threads.values())


def _mark_all(request: MemberRequest, act: Act, until: dt.datetime | None) -> Done:
    if "q" in request.POST:
        asked = _asked(request, of_request(request))
        up_to = _seen(request, STEPS[act].sources & asked.states, asked.org_ids)
        marked = marks.mark_wanted(
            request.user.pk, act, up_to, asked, revision=_revision(request), until=until
        )
        return _done(request, act, marked, until)
    show, reason = request.POST.get("show") or "inbox", request.POST.get("reason", "")
    if reason and reason not in reasons():
        raise Invalid("Say which reason: it is none that a notification has.")
    if show not in VIEWS:
        raise Invalid(f"Say which list: show is {', '.join(VIEWS)}.")
    up_to = _seen(request, STEPS[act].sources & VIEWS[show])
    marked = marks.mark_all(
        request.user.pk, act, up_to, show=show, reason=reason, revision=_revision(request), until=until
    )
    return _done(request, act, marked, until)


def _done(
    request: MemberRequest,
    act: Act,
    marked: Marked,
    until: dt.datetime | None,
    event_ids: Collection[int] = (),
) -> Done:
    if wants_json(request) and "offer" not in request.POST:
        return Done(marked)
    return Done(
        marked, said(act, marked.changed, event_ids=event_ids, until=until), offers=marked.changed > 0
    )


def _undo(request: MemberRequest) -> Done:
    number = _mark(request)
    changed = marks.undo(request.user.pk, number)
    return Done(Marked(changed, number), undone(changed))


def _asked(request: HttpRequest, places: list[OrgInbox]) -> Wanted:
    """Read the list that was shown, by its words. Raises Conflict where they name what is not there any more: the list
    would be a longer one now."""
    asked = wanted(Query.parse(request.POST.get("q", "")), places)
    if asked.faults:
        raise Conflict(CHANGED_LIST)
    return asked


def _threads(request: HttpRequest) -> dict[uuid.UUID, int]:
    named = request.POST.getlist("threads")
    if not named or len(named) > MARK_LIMIT:
        raise Invalid(TOO_MANY)
    threads: dict[uuid.UUID, int] = {}
    for text in named:
        stream, _, event = text.partition(":")
        event_id = whole_number(event)
        if event_id is None or not STREAM.fullmatch(stream):
            raise Invalid(
                "Say which threads: each is a stream's id, a colon, and the id of its newest event."
            )
        stream_id = uuid.UUID(stream)
        threads[stream_id] = max(event_id, threads.get(stream_id, 0))
    return threads


STREAM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
    return until_of(request.POST.get("until", ""), request.POST.get("own", ""))


def _seen(
    request: MemberRequest, states: frozenset[State], org_ids: Collection[int] | None = None
) -> seen.UpTo:
    """Read what was shown, in one organization or in these or in all. Where only what is unread counts, those without
    are left out."""
    slug = request.POST.get("org", "")
    places = within(of_request(request), slug)
    if slug and not places:
        raise NotFound
    if "seen" in request.POST:
        up_to = seen.last_shown(request.POST["seen"], places)
    else:
        up_to = _seen_before_an_update(request, places)
    return seen.worth_marking(up_to, places, states, org_ids)


def _seen_before_an_update(request: MemberRequest, places: list[OrgInbox]) -> seen.UpTo:
    up_to = whole_number(request.POST.get("up_to"))
    if up_to is None:
        raise Invalid(seen.NOT_AN_EVENT if "up_to" in request.POST else seen.UNREADABLE)
    # It does not say what was hidden.
    if parse_qs(urlsplit(request.POST.get("next", "")).query).get("reason"):
        raise Conflict(seen.FROM_BEFORE)
    return seen.shown_before_an_update(up_to, places)


def _mark(request: MemberRequest) -> int:
    """Read the mark's number; or its moment, as older pages say it."""
    if "read_at" in request.POST:
        return revision_at(_moment("read_at", request.POST["read_at"]))
    number = whole_number(request.POST.get("mark"))
    if number is None or number > LAST:
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
