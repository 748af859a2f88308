"""The task list: filters by status, assignee, label and text, and the order, all in the address."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import Q

from orgs.models import Membership, User
from search.matching import Matches, matching
from tasks.label_queries import has_label, label_asked
from tasks.rows import TaskRow
from tasks.selection import Kind, Ordered, Selection
from tasks.sorting import order_of
from tasks.statuses import LABELS

PAGE = 50

# The filter's own words beside the four statuses. Empty means active.
STATUS_FILTERS = [("", "Active"), *LABELS.items(), ("archived", "Archived"), ("all", "All")]
FILTERS = ("q", "status", "assignee", "label")


_NUMBER = re.compile(r"(?:.*[-#])?(\d{1,9})")
_NOBODY = 0  # no user has this id


class TaskPage(NamedTuple):
    """`not_searched`: how many events the search has not seen yet."""

    page: Page[TaskRow]
    not_searched: int


def task_page(membership: Membership, filters: Mapping[str, str], number: str) -> TaskPage:
    """Load one page of the organization's tasks, in the order of `sort`, newest first by itself. Unknown filters
    count as none; pages are clamped. Raises Invalid for a text that is too long."""
    found = filtered(membership, filters)
    rows = Ordered(found, order_of(filters.get("sort", "")))
    return TaskPage(Paginator(rows, PAGE).get_page(number), found.not_searched)


def filtered(membership: Membership, filters: Mapping[str, str]) -> Selection:
    """Find the tasks that fit all filters. Raises Invalid for a text that is too long."""
    status = filters.get("status", "")
    found = selected(membership, filters, "active")
    if status in ("all", "archived"):
        return found._replace(kind=found.kind._replace(status="any" if status == "all" else status))
    return found.of_status(status) if status in LABELS else found


def selected(membership: Membership, filters: Mapping[str, str], status: str) -> Selection:
    """Find the tasks that fit all filters but the status, which is a word of `Kind`. Raises Invalid for a text that is
    too long."""
    organization = membership.organization
    assignee, assignee_id = _assignee(filters.get("assignee", ""), membership.user_id)
    label, text = filters.get("label", ""), plain(filters.get("q", ""))
    values = {
        "organization_id": organization.pk,
        "assignee_id": assignee_id,
        "label": label_asked(label),
    }
    selection = Selection(organization.slug, Kind(status, assignee, bool(label)), values)
    if not text:
        return selection
    found = matching([organization.pk], text)
    return selection._replace(text=_text(text, found), not_searched=found.not_searched)


def open_count(organization_id: int) -> int:
    active = Selection("", Kind("active"), {"organization_id": organization_id})
    return sum(active.counts().values())


def plain(text: str) -> str:
    return text.replace("\x00", "").strip()


def number_in(text: str) -> int | None:
    """Read the number of a key, `ACME-12`, `#12` or `12`."""
    number = _NUMBER.fullmatch(text)
    return int(number[1]) if number else None


def _assignee(asked: str, me: int) -> tuple[str, int]:
    """Read the filter: a word of `Kind`, and the id of a user."""
    match asked:
        case "":
            return "any", _NOBODY
        case "me":
            return "one", me
        case "none":
            return "nobody", _NOBODY
        case name:
            person = person_chosen(name)
            return "one", person.pk if person else _NOBODY


def person_chosen(assignee: str) -> User | None:
    """Find the person of `@bob`, so that no user name is a word of the filter; in an address somebody kept,
    of `bob`."""
    if assignee in ("", "me", "none"):
        return None
    person: User | None = User.objects.named(assignee[1:]) if assignee.startswith("@") else None
    return person or User.objects.named(assignee)


def _text(text: str, found: Matches) -> Q:
    """Find the text in titles, descriptions and comments, as a key, or as a label."""
    matches = found.in_streams() | has_label(label_asked(text))
    if (number := number_in(text)) is not None:
        matches |= Q(number=number)
    return matches
