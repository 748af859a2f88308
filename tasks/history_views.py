"""Pages of the past: a task as it was, and an organization's whole log. They show and change nothing."""

from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from events import log
from events.models import TaskEvent
from events.sentences import STATUS_LABELS, Names, names_in, sentence
from inbox.context_processors import follow
from orgs.models import Membership, User
from orgs.pages import MemberRequest, member_page, org_context
from tasks.history import Past, at_version, differences, version_at
from tasks.history_forms import HistoryForm, PastForm
from tasks.history_listing import Filters, HistoryPage, history_page
from tasks.history_words import ERASED_TEXT, in_words, timeline
from tasks.listing import members_of
from tasks.models import Task

SHOWN = 200  # entries of a task's timeline; more are a link away
SAID = 500  # versions that the slider says in words before they are loaded


def asks_for_the_past(request: MemberRequest) -> bool:
    return bool(request.GET.get("version") or request.GET.get("at"))


def task_as_it_was(request: MemberRequest, membership: Membership, task: Task) -> HttpResponse:
    """`?version=7`, or `?at=2026-11-20T10:00` (UTC unless it says its offset)."""
    follow(request, membership.organization_id)
    events = log.load_stream(task.organization_id, task.pk)
    context = org_context(membership) | {"task": task, "first": events[0], "count": len(events)}
    form = PastForm(request.GET)
    if not form.is_valid():
        return render(request, "tasks/no_past.html", context | {"errors": _words(form)}, status=400)
    asked, moment = form.cleaned_data["version"], form.cleaned_data["at"]
    version = version_at(events, moment) if moment else asked
    try:
        past = at_version(events, version)
    except ValueError:  # how it begins was written by a newer release
        past, version = None, -1
    if past is None:
        return render(request, "tasks/no_past.html", context | {"unreadable": version < 0})
    beyond = asked if asked and asked > len(events) else None
    context |= {"asked": moment, "beyond": beyond}
    names = names_in(events)
    context |= _as_it_was(events, past, names) | shown(request, events[: past.state.version], names)
    return render(request, "tasks/past.html", context)


def _as_it_was(events: list[TaskEvent], past: Past, names: Names) -> dict[str, Any]:
    state = past.state
    changes = in_words(differences(at_version(events, state.version - 1), past), names)
    return {
        "state": state,
        "status_label": STATUS_LABELS.get(state.status, state.status),
        "assignee": names.get(state.assignee_id, "somebody") if state.assignee_id else None,
        "description": past.description,
        "description_erased": past.description is None,
        "changes": changes,
        "changed": [change.field for change in changes if state.version > 1],  # of a new task it would be all
        "versions": look_back(events, state.version, names),
    }


def look_back(events: list[TaskEvent], version: int, names: Names) -> dict[str, Any]:
    """What the slider needs: where it stands, and for each version when it came about and how."""
    said = [[event.created_at, sentence(event, names, "it")] for event in events if len(events) <= SAID]
    words = sentence(events[version - 1], names, "it")
    return {
        "at": version,
        "count": len(events),
        "event": events[version - 1],
        "sentence": words,
        "said": said,
    }


def shown(request: MemberRequest, events: list[TaskEvent], names: Names) -> dict[str, Any]:
    """The timeline: the newest entries, or all of them for `?history=all`."""
    skipped = 0 if request.GET.get("history") == "all" else max(0, len(events) - SHOWN)
    return {
        "history": timeline(events[skipped:], names, "it"),
        "skipped": skipped,
        "erased_text": ERASED_TEXT,
    }


@require_safe
@member_page
def organization_history(request: MemberRequest, membership: Membership) -> HttpResponse:
    """In the address: actor=user name, task=key, action, since and until=days in UTC, before or after=position."""
    follow(request, membership.organization_id)
    organization = membership.organization
    form = HistoryForm(request.GET, organization=organization)
    page, filters = HistoryPage([], None, None), Filters()
    if form.is_valid():
        filters, wish = form.filters, form.cleaned_data
        page = history_page(organization.pk, filters, wish["before"], wish["after"])
    kept = {
        name: request.GET[name]
        for name in ("actor", "task", "action", "since", "until")
        if request.GET.get(name)
    }
    context = org_context(membership) | {
        "form": form,
        "example_key": organization.task_key(12),
        "errors": _words(form),
        "entries": timeline(page.events, names_in(page.events)),
        "older": "" if page.older is None else urlencode(kept | {"before": page.older}),
        "newer": "" if page.newer is None else urlencode(kept | {"after": page.newer}),
        "filters": filters,
        "is_filtered": bool(kept),
        "people": _people(membership, page, form.cleaned_data.get("actor")),
        "erased_text": ERASED_TEXT,
    }
    return render(request, "tasks/history.html", context, status=400 if form.errors else 200)


def _people(membership: Membership, page: HistoryPage, chosen: User | None) -> list[User]:
    """To choose from: the members, and whoever left but was chosen or stands on this page."""
    people = {user.pk: user for user in members_of(membership.organization_id)}
    for user in [*([chosen] if chosen else []), *(event.actor for event in page.events)]:
        people.setdefault(user.pk, user)
    return list(people.values())


def _words(form: Form) -> list[str]:
    return [str(message) for messages in form.errors.values() for message in messages]
