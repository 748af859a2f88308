"""The list and the board of an organization's tasks: as they are, and as they were at any moment (`?at=`, or after an
event, `?position=`)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base.errors import Invalid
from base.plain_text import LONGEST_SEARCH
from inbox.context_processors import follow
from inbox.replica_pages import replica_may_answer
from orgs.access import members_of
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page, org_context
from tasks import as_they_were, board
from tasks.as_they_were import States
from tasks.label_queries import labels_in_use
from tasks.listing import FILTERS, STATUS_FILTERS, open_count, person_chosen, task_page
from tasks.log_places import asked_place, in_words
from tasks.models import Task
from tasks.rows import BLANK
from tasks.sorting import columns
from tasks.statuses import LABELS
from tasks.unread import show_unread


@require_safe
@member_page
@replica_may_answer
def task_list(request: MemberRequest, membership: Membership) -> HttpResponse:
    filters, number = _words(request.GET), (request.GET.getlist("page") or ["1"])[-1]
    if _asks_for_the_past(request.GET):

        def shown(states: States) -> dict[str, Any]:
            page = as_they_were.page_of(membership, states, filters, number)
            return {"page": page, "open_count": as_they_were.open_count_of(states)}

        return _as_they_were(request, membership, "tasks/list.html", shown)
    follow(request, membership.organization_id)
    page, not_searched = task_page(membership, filters, number)
    show_unread(membership, list(page.object_list))
    context = _context(request, membership) | {
        "page": page,
        "not_searched": not_searched,
        "open_count": open_count(membership.organization_id),
        "is_new": not page.object_list and not _has_tasks(membership),
    }
    return render(request, "tasks/list.html", context)


@require_safe
@member_page
@replica_may_answer
def task_board(request: MemberRequest, membership: Membership) -> HttpResponse:
    filters = _words(request.GET)
    if _asks_for_the_past(request.GET):
        return _as_they_were(
            request,
            membership,
            "tasks/board.html",
            lambda states: {"board": board.board_of(membership, states, filters)},
        )
    follow(request, membership.organization_id)
    shown, not_searched = board.board(membership, filters)
    show_unread(membership, [task for column in shown for task in column.tasks])
    context = _context(request, membership) | {"board": shown, "not_searched": not_searched}
    return render(request, "tasks/board.html", context)


def _asks_for_the_past(query: QueryDict) -> bool:
    return bool(query.get("at") or query.get("position"))


def _as_they_were(
    request: MemberRequest, membership: Membership, template: str, shown: Callable[[States], dict[str, Any]]
) -> HttpResponse:
    context = _context(request, membership)
    try:
        place = asked_place(request.GET, membership.organization_id)
        states = as_they_were.states_at(place)
    except (Invalid, as_they_were.TooLarge, as_they_were.InArchive) as error:
        return render(request, "tasks/no_moment.html", context | {"error": error}, status=error.status)
    # Nothing of the past can be changed, whoever looks.
    context |= {"past": in_words(place), "can_edit": False}
    return render(request, template, context | shown(states))


def _words(query: QueryDict) -> dict[str, str]:
    return {name: query.get(name, "") for name in (*FILTERS, "sort")}


def _context(request: MemberRequest, membership: Membership) -> dict[str, Any]:
    """Gather what the list and the board share: the filters, and what can be chosen in them."""
    words, query = _words(request.GET), request.GET.copy()
    query.pop("page", None)
    return org_context(membership) | {
        **words,
        "person_chosen": person_chosen(words["assignee"]),
        "is_filtered": any(words[name] for name in FILTERS),
        "past": None,
        "home": reverse("tasks:list", args=[membership.organization.slug]),
        "blank": [BLANK],
        "columns": columns(words["sort"]),
        "longest_search": LONGEST_SEARCH,
        "status_filters": STATUS_FILTERS,
        "statuses": LABELS.items(),
        "members": members_of(membership.organization_id),
        "labels_in_use": labels_in_use(membership.organization_id),
        "query": query.urlencode(),
    }


def _has_tasks(membership: Membership) -> bool:
    return Task.objects.filter(organization_id=membership.organization_id).exists()
