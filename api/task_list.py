"""The list of an organization's tasks, for programs: what pages take for no filter is refused here, with words."""

import datetime as dt
from collections.abc import Mapping

import msgspec

from api import task_shapes as shapes
from api.asked import unreadable, words_asked
from base.numbers import whole_number
from orgs.models import Membership, User
from tasks.as_they_were import filtered_states, names_of_states, place_at, states_at
from tasks.keyset import Place, place_in, states_after, tasks_after
from tasks.listing import filtered, person_chosen
from tasks.sorting import HEADINGS
from tasks.statuses import LABELS

STATUSES = ("", "active", "archived", "all", *LABELS)


class TaskPage(msgspec.Struct, kw_only=True):
    """`not_searched`: how many events of the log a search by `q` has not seen yet; 0 without one."""

    items: list[shapes.ListedTask]
    next: str | None
    not_searched: int


def task_list(
    member: Membership, words: Mapping[str, str], order: str, at: dt.datetime | None, after: str, limit: int
) -> tuple[list[shapes.ListedTask], Place | None, int]:
    """Load a page of the list, where it ends, and how many events the search has not seen. Raises Unreadable."""
    filters = _checked(words)
    if order.removeprefix("-") not in HEADINGS:
        raise unreadable(
            "order", f"There is no such order. Choose {', '.join(HEADINGS)}, or one with - before it."
        )
    place, slug = place_in(after, order) if after else None, member.organization.slug
    if at is None:
        with words_asked("q"):
            selection = filtered(member, filters)
        tasks, end = tasks_after(selection, order, place, limit)
        return [shapes.listed(task, slug) for task in tasks], end, selection.not_searched
    states = filtered_states(member, states_at(place_at(member.organization_id, at)), filters)
    some, end = states_after(states, names_of_states(states), order, place, limit)
    return shapes.listed_states(some, slug), end, 0


def _checked(words: Mapping[str, str]) -> Mapping[str, str]:
    """Give the filters as pages have them. Raises Unreadable for what they would leave out."""
    if words["status"] not in STATUSES:
        raise unreadable("status", f"There is no such status. Choose one of {', '.join(STATUSES[1:])}.")
    status = "" if words["status"] == "active" else words["status"]
    return {**words, "status": status, "assignee": _assignee(words["assignee"])}


def _assignee(asked: str) -> str:
    """Read a user id into the name that pages have for it."""
    number = whole_number(asked)
    person = User.objects.filter(pk=number).first() if number is not None else person_chosen(asked)
    if person is None and asked not in ("", "me", "none"):
        raise unreadable("assignee", "There is no such person. Choose a user id, me, none or @name.")
    return f"@{person.username}" if person else asked
