"""Pages of the past: a task as it was, and an organization's whole log. They show and change nothing."""

from collections.abc import Collection
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from base.address_patterns import address_pattern
from base.plain_text import LONGEST_SEARCH
from events.replaced import taken_away
from events.sentences import names_in, names_of, user_ids
from inbox.context_processors import follow
from inbox.listing import by_day
from inbox.replica_pages import replica_may_answer
from orgs.access import members_of
from orgs.models import Membership, User
from orgs.pages import MemberRequest, member_page, org_context
from tasks.conversation import comment_changes, conversation
from tasks.history_forms import HistoryForm, PastForm
from tasks.log_listing import Filters, HistoryPage, history_page
from tasks.models import Task, task_key
from tasks.past import Past, differences
from tasks.past_words import ERASED_TEXT, entry, in_words
from tasks.prose import Prose
from tasks.statuses import status_label
from tasks.streams import Stream, look_back
from tasks.timeline import drawing, timeline_shown

EXCERPT = 280  # characters of a comment


def asks_for_the_past(request: MemberRequest) -> bool:
    return bool(request.GET.get("version") or request.GET.get("at"))


def task_as_it_was(request: MemberRequest, membership: Membership, task: Task) -> HttpResponse:
    """Show the task at `?version=7`, or `?at=2026-11-20T10:00` (UTC unless it says its offset)."""
    follow(request, membership.organization_id)
    stream = Stream.of(task)
    if not stream.count:
        return render(
            request, "tasks/no_past.html", org_context(membership) | {"task": task, "in_archive": True}
        )
    (first,) = stream.outline(0, 1)
    context = org_context(membership) | {"task": task, "count": stream.count, "first": first}
    form = PastForm(request.GET)
    if not form.is_valid():
        return render(request, "tasks/no_past.html", context | {"errors": _words(form)}, status=400)
    asked, moment = form.cleaned_data["version"], form.cleaned_data["at"]
    version = stream.version_at(moment) if moment else min(asked, stream.count)
    try:
        past = stream.past(version)
    except ValueError:  # how it begins was written by a newer release
        return render(request, "tasks/no_past.html", context | {"unreadable": True})
    if past is None:
        return render(request, "tasks/no_past.html", context)
    beyond = asked if asked and asked > stream.count else None
    context |= {"asked": moment, "beyond": beyond}
    reader = Prose(membership)
    context |= drawing(membership, task.number, can_react=False)
    context |= _as_it_was(stream, past, reader) | timeline_shown(
        request.GET, stream, past.state.version, reader
    )
    return render(request, "tasks/past.html", context)


def _as_it_was(stream: Stream, past: Past, reader: Prose) -> dict[str, Any]:
    state = past.state
    (event,) = stream.newest(state.version, 1)
    found = differences(stream.past(state.version - 1), past)
    assignees = {value for field, *values in found if field == "assignee_id" for value in values}
    names = names_of({*user_ids(event), *assignees, state.assignee_id})
    changes = in_words(found, names) or comment_changes(event)
    return {
        "state": state,
        "status_label": status_label(state.status),
        "assignee": names.get(state.assignee_id, "somebody") if state.assignee_id else None,
        "description": reader.html(past.description or ""),
        "description_erased": past.description is None,
        "changes": changes,
        "changed": [change.field for change in changes if state.version > 1],  # of a new task it would be all
        "versions": look_back(stream, state.version),
        "entry": conversation([event], reader, state.version)[0],
    }


@require_safe
@member_page
@replica_may_answer
def organization_history(request: MemberRequest, membership: Membership) -> HttpResponse:
    """Show a page of the log. In the address: actor=user name, task=key, action, text=words, since and
    until=days of the reader, before or after=position."""
    follow(request, membership.organization_id)
    organization = membership.organization
    form = HistoryForm(request.GET, organization=organization)
    page, filters = HistoryPage([], None, None), Filters()
    if form.is_valid():
        filters, cleaned = form.filters, form.cleaned_data
        page = history_page(organization.pk, filters, cleaned["before"], cleaned["after"])
    names = names_in(chain.from_iterable(page.saves))
    entries = [entry(save, names) for save in page.saves]
    gone = taken_away(chain.from_iterable(page.saves))
    for each in entries:
        each["excerpt"] = _excerpt(each, gone)
    kept = {
        name: request.GET[name]
        for name in ("actor", "task", "action", "text", "since", "until")
        if request.GET.get(name)
    }
    context = org_context(membership) | {
        "form": form,
        "example_key": task_key(organization.slug, 12),
        "errors": _words(form),
        "entries": entries,
        "days": by_day(entries, lambda each: timezone.localdate(each["event"].created_at)),
        "home": reverse("orgs:detail", args=[organization.slug]),
        "why": address_pattern("inbox:why"),
        "older": "" if page.older is None else urlencode(kept | {"before": page.older}),
        "newer": "" if page.newer is None else urlencode(kept | {"after": page.newer}),
        "filters": filters,
        "is_filtered": bool(kept),
        "not_searched": page.not_searched,
        "longest_search": LONGEST_SEARCH,
        "people": _people(membership, page, form.cleaned_data.get("actor")),
    }
    return render(request, "tasks/history.html", context, status=400 if form.errors else 200)


def _excerpt(shown: dict[str, Any], gone: Collection[int]) -> str:
    """Say what the page shows of a comment."""
    if not shown["is_said"]:
        return ""
    if shown["event"].pk in gone:
        return "This comment was deleted."
    return ERASED_TEXT if shown["comment"] is None else Truncator(shown["comment"]).chars(EXCERPT)


def _people(membership: Membership, page: HistoryPage, chosen: User | None) -> list[User]:
    """List whom to choose from: the members, and whoever left but was chosen or stands on this page."""
    people = {user.pk: user for user in members_of(membership.organization_id)}
    for user in [*([chosen] if chosen else []), *(save[-1].actor for save in page.saves)]:
        people.setdefault(user.pk, user)
    return list(people.values())


def _words(form: Form) -> list[str]:
    return [str(message) for messages in form.errors.values() for message in messages]
