"""The task list: filters by status, assignee and text, all in the address."""

import re
from collections.abc import Mapping

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from base.errors import Invalid
from base.searching import LONGEST_SEARCH, contains
from orgs.models import Membership, User
from tasks.models import Task
from tasks.statuses import ACTIVE, LABELS

PAGE = 50

# The filter's own words beside the four statuses. Empty means active.
STATUS_FILTERS = [("", "Active"), *LABELS.items(), ("archived", "Archived"), ("all", "All")]


def task_page(membership: Membership, filters: Mapping[str, str], number: str) -> Page[Task]:
    """One page of the organization's tasks, newest first. Unknown filters count as none; pages are clamped. Raises
    Invalid for a text that is too long."""
    tasks = Task.objects.filter(organization_id=membership.organization_id)
    tasks = tasks.select_related("assignee", "organization").defer("description")
    tasks = _by_status(tasks, filters.get("status", ""))
    tasks = _by_assignee(tasks, filters.get("assignee", ""), membership.user_id)
    tasks = _by_text(tasks, filters.get("q", "").replace("\x00", "").strip())
    return Paginator(tasks.order_by("-number"), PAGE).get_page(number)


def open_count(organization_id: int) -> int:
    return Task.objects.filter(organization_id=organization_id, status__in=ACTIVE, archived=False).count()


def members_of(organization_id: int) -> list[User]:
    """By the name that people see."""
    members = User.objects.filter(memberships__organization_id=organization_id, is_active=True)
    return sorted(members, key=lambda user: (user.display_name.lower(), user.pk))


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
    """`@bob`, so that no user name is a word of the filter; in an address somebody kept, `bob`."""
    if assignee in ("", "me", "none"):
        return None
    person: User | None = User.objects.named(assignee[1:]) if assignee.startswith("@") else None
    return person or User.objects.named(assignee)


def _by_text(tasks: QuerySet[Task], text: str) -> QuerySet[Task]:
    if not text:
        return tasks
    if len(text) > LONGEST_SEARCH:
        raise Invalid(f"A search has at most {LONGEST_SEARCH} characters. Shorten it.")
    matches = Q(contains("title", text)) | Q(contains("description", text))
    if number := re.fullmatch(r"(?:.*[-#])?(\d{1,9})", text):
        matches |= Q(number=int(number[1]))
    return tasks.filter(matches)
