"""The task list: filters by status, assignee, label and text, and the order, all in the address."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from orgs.models import Membership, User
from search.matching import Matches, matching
from tasks.label_queries import has_label
from tasks.models import Task
from tasks.sorting import in_order
from tasks.statuses import ACTIVE, LABELS

PAGE = 50

# The filter's own words beside the four statuses. Empty means active.
STATUS_FILTERS = [("", "Active"), *LABELS.items(), ("archived", "Archived"), ("all", "All")]
FILTERS = ("q", "status", "assignee", "label")

_NUMBER = re.compile(r"(?:.*[-#])?(\d{1,9})")


class TaskPage(NamedTuple):
    """`not_searched`: how many events the search has not seen yet."""

    page: Page[Task]
    not_searched: int


def task_page(membership: Membership, filters: Mapping[str, str], number: str) -> TaskPage:
    """Load one page of the organization's tasks, in the order of `sort`, newest first by itself. Unknown filters
    count as none; pages are clamped. Raises Invalid for a text that is too long."""
    tasks, not_searched = found_tasks(membership, filters)
    tasks = in_order(_by_status(tasks, filters.get("status", "")), filters.get("sort", ""))
    return TaskPage(Paginator(tasks, PAGE).get_page(number), not_searched)


def found_tasks(membership: Membership, filters: Mapping[str, str]) -> tuple[QuerySet[Task], int]:
    """Find the tasks that fit all filters but the status. Raises Invalid for a text that is too long."""
    tasks = Task.objects.filter(organization_id=membership.organization_id)
    tasks = tasks.select_related("assignee", "organization").defer("description")
    tasks = _by_assignee(tasks, filters.get("assignee", ""), membership.user_id)
    if label := filters.get("label", ""):
        tasks = tasks.filter(has_label(label))
    text = plain(filters.get("q", ""))
    found = matching([membership.organization_id], text)
    return _by_text(tasks, text, found), found.not_searched


def open_count(organization_id: int) -> int:
    return Task.objects.filter(organization_id=organization_id, status__in=ACTIVE, archived=False).count()


def plain(text: str) -> str:
    return text.replace("\x00", "").strip()


def number_in(text: str) -> int | None:
    """Read the number of a key, `ACME-12`, `#12` or `12`."""
    number = _NUMBER.fullmatch(text)
    return int(number[1]) if number else None


def _by_status(tasks: QuerySet[Task], status: str) -> QuerySet[Task]:
    if status == "all":
        return tasks
    if status == "archived":
        return tasks.filter(archived=True)
    return tasks.filter(archived=False, status__in=[status] if status in LABELS else ACTIVE)


def _by_assignee(tasks: QuerySet[Task], assignee: str, me: int) -> QuerySet[Task]:
    match assignee:
        case "":
            return tasks
        case "me":
            return tasks.filter(assignee_id=me)
        case "none":
            return tasks.filter(assignee=None)
        case name:
            person = person_chosen(name)
            return tasks.filter(assignee=person) if person else tasks.none()


def person_chosen(assignee: str) -> User | None:
    """Find the person of `@bob`, so that no user name is a word of the filter; in an address somebody kept,
    of `bob`."""
    if assignee in ("", "me", "none"):
        return None
    person: User | None = User.objects.named(assignee[1:]) if assignee.startswith("@") else None
    return person or User.objects.named(assignee)


def _by_text(tasks: QuerySet[Task], text: str, found: Matches) -> QuerySet[Task]:
    """Find the text in titles, descriptions and comments, as a key, or as a label."""
    if not text:
        return tasks
    matches = found.in_streams() | has_label(text)
    if (number := number_in(text)) is not None:
        matches |= Q(number=number)
    return tasks.filter(matches)
