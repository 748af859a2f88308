"""Tasks of one organization under filters, as rows and as counts. A statement is built once for each kind of filter,
but with a text's words in it for each search."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, Count, Q, QuerySet, TextField

from base.compiled import Parameter
from base.compiled_lists import CompiledList
from tasks.label_queries import has_label
from tasks.models import Task
from tasks.rows import TaskRow, columns_of, rows_of
from tasks.sorting import in_order
from tasks.statuses import ACTIVE


class Kind(NamedTuple):
    """What a statement depends on. `status`: any, one, active, unarchived or archived. `assignee`: any, one or
    nobody."""

    status: str = "any"
    assignee: str = "any"
    has_label: bool = False


class Selection(NamedTuple):
    """`values` are the filters' own: organization_id, status, assignee_id, label. `not_searched`: how many events the
    search has not seen yet."""

    slug: str
    kind: Kind
    values: dict[str, Any]
    text: Q | None = None
    not_searched: int = 0

    def of_status(self, status: str) -> "Selection":
        """Narrow it to what is not archived and has this status."""
        return self._replace(kind=self.kind._replace(status="one"), values=self.values | {"status": status})

    def counts(self) -> dict[str, int]:
        """Count the tasks by their status."""
        statement = (
            _counting(self.kind) if self.text is None else CompiledList(lambda: _counted(self.found()))
        )
        return dict(statement.rows(**self.values))

    def rows(self, order: str, most: int, first: int = 0) -> list[TaskRow]:
        """Load them in an order of `sorting`, from the place `first`."""
        statement = (
            _listing(self.kind, order)
            if self.text is None
            else CompiledList(lambda: _listed(self.found(), order))
        )
        return rows_of(self.slug, statement.rows(first=first, most=most, **self.values))

    def found(self) -> QuerySet[Task]:
        """Give the tasks, with Parameters in the places of `values`."""
        return _selected(self.kind).filter(self.text or Q())


class Ordered(Sequence[TaskRow]):
    """A selection in an order, as a paginator asks for it: how many there are, and a slice."""

    def __init__(self, selection: Selection, order: str) -> None:
        self._selection, self._order = selection, order

    def count(self) -> int:  # type: ignore[override]
        return sum(self._selection.counts().values())

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, place: Any) -> Any:
        return self._selection.rows(self._order, most=place.stop - place.start, first=place.start)


@cache
def _listing(kind: Kind, order: str) -> CompiledList:
    return CompiledList(lambda: _listed(_selected(kind), order))


@cache
def _counting(kind: Kind) -> CompiledList:
    return CompiledList(lambda: _counted(_selected(kind)))


def _listed(tasks: QuerySet[Task], order: str) -> QuerySet[Any, Any]:
    return columns_of(in_order(tasks, order))


def _counted(tasks: QuerySet[Task]) -> QuerySet[Any, Any]:
    return tasks.order_by().values_list("status").annotate(Count("pk"))


def _selected(kind: Kind) -> QuerySet[Task]:
    tasks = Task.objects.filter(organization_id=Parameter("organization_id", BigIntegerField()))
    tasks = _STATUSES[kind.status](_ASSIGNEES[kind.assignee](tasks))
    return tasks.filter(has_label(Parameter("label", TextField()))) if kind.has_label else tasks


_Narrowing = Callable[[QuerySet[Task]], QuerySet[Task]]
_STATUSES: dict[str, _Narrowing] = {
    "any": lambda tasks: tasks,
    "one": lambda tasks: tasks.filter(archived=False, status=Parameter("status", CharField())),
    "active": lambda tasks: tasks.filter(archived=False, status__in=ACTIVE),
    "unarchived": lambda tasks: tasks.filter(archived=False),
    "archived": lambda tasks: tasks.filter(archived=True),
}
_ASSIGNEES: dict[str, _Narrowing] = {
    "any": lambda tasks: tasks,
    "one": lambda tasks: tasks.filter(assignee_id=Parameter("assignee_id", BigIntegerField())),
    "nobody": lambda tasks: tasks.filter(assignee=None),
}
