"""The board: a column for each status, its newest tasks as cards. What is archived is on no board."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db.models import Count

from orgs.models import Membership
from tasks.as_they_were import States, as_tasks, found_states
from tasks.listing import found_tasks
from tasks.models import Task
from tasks.statuses import LABELS

CARDS = 100  # in one column; the list has all


class BoardColumn(NamedTuple):
    status: str
    label: str
    tasks: Sequence[Task]
    total: int

    @property
    def has_more(self) -> bool:
        return self.total > len(self.tasks)


def board(membership: Membership, filters: Mapping[str, str]) -> tuple[list[BoardColumn], int]:
    """Load the board under these filters, and how many events the search has not seen. Raises Invalid for a text
    that is too long."""
    found, not_searched = found_tasks(membership, filters)
    found = found.filter(archived=False).order_by("-number")
    counts = dict(found.order_by().values_list("status").annotate(Count("pk")))
    columns = [
        BoardColumn(status, label, list(found.filter(status=status)[:CARDS]), counts.get(status, 0))
        for status, label in LABELS.items()
    ]
    return columns, not_searched


def board_of(membership: Membership, states: States, filters: Mapping[str, str]) -> list[BoardColumn]:
    """Make the board of states, as it was then."""
    found = [each for each in found_states(membership, states, filters) if not each[1].archived]
    found.sort(key=lambda each: -each[1].number)
    columns = []
    for status, label in LABELS.items():
        here = [each for each in found if each[1].status == status]
        columns.append(BoardColumn(status, label, as_tasks(membership, here[:CARDS]), len(here)))
    return columns
