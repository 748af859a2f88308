"""The board: a column for each status, its newest tasks as cards. What is archived is on no board."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orgs.models import Membership
from tasks.as_they_were import States, found_states, rows_of_states
from tasks.listing import selected
from tasks.rows import TaskRow
from tasks.sorting import STANDARD
from tasks.statuses import LABELS

CARDS = 100  # in one column; the list has all


class BoardColumn(NamedTuple):
    status: str
    label: str
    tasks: Sequence[TaskRow]
    total: int

    @property
    def has_more(self) -> bool:
        return self.total > len(self.tasks)


def board(membership: Membership, filters: Mapping[str, str]) -> tuple[list[BoardColumn], int]:
    """Load the board under these filters, and how many events the search has not seen. Raises Invalid for a text
    that is too long."""
    found = selected(membership, filters, "unarchived")
    counts = found.counts()
    columns = []
    for status, label in LABELS.items():
        total = counts.get(status, 0)
        rows = found.of_status(status).rows(STANDARD, CARDS) if total else []
        columns.append(BoardColumn(status, label, rows, total))
    return columns, found.not_searched


def board_of(membership: Membership, states: States, filters: Mapping[str, str]) -> list[BoardColumn]:
    """Make the board of states, as it was then."""
    found = [each for each in found_states(membership, states, filters) if not each[1].archived]
    found.sort(key=lambda each: -each[1].number)
    columns = []
    for status, label in LABELS.items():
        here = [each for each in found if each[1].status == status]
        columns.append(BoardColumn(status, label, rows_of_states(membership, here[:CARDS]), len(here)))
    return columns
