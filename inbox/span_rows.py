"""Which notifications lie in spans of logs: for querysets, and for statements written by hand."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Q

from base.statements import places
from inbox.spans import Span


class PlacedSpan(NamedTuple):
    """A span of the organization with this id."""

    org_id: int
    span: Span

    def rows(self) -> Q:
        span = self.span
        asked = Q(organization_id=self.org_id, event__position__range=(span.first, span.last))
        if span.number is not None:
            asked &= Q(event__task_number=span.number)
        return asked & Q(reason__in=span.reasons) if span.reasons else asked

    def condition(self) -> tuple[str, list[Any]]:
        span = self.span
        words = ["note.organization_id = %s AND event.position BETWEEN %s AND %s"]
        values: list[Any] = [self.org_id, span.first, span.last]
        if span.number is not None:
            words, values = [*words, "event.task_number = %s"], [*values, span.number]
        if span.reasons:
            words, values = [*words, f"note.reason IN ({places(span.reasons)})"], [*values, *span.reasons]
        return f"({' AND '.join(words)})", values


Spans = tuple[PlacedSpan, ...]


def rows_in(spans: Iterable[PlacedSpan]) -> Q:
    """Find what lies in one of them; they are one at least."""
    return Q(*(each.rows() for each in spans), _connector=Q.OR)


def condition_in(spans: Iterable[PlacedSpan]) -> tuple[str, list[Any]]:
    """Write the same in SQL, of rows that are called `note` and their events, `event`."""
    parts = [each.condition() for each in spans]
    return f"({' OR '.join(words for words, _ in parts)})", [value for _, values in parts for value in values]
