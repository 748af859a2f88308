"""What a search finds: streams, such as tasks, and events. In the organizations that are named, and in no other.

The index is a moment behind the log. So the newest events that it has not taken are looked at as they stand in the log:
who has just written something finds it.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from events.models import TaskEvent
from followers.lag import logs_behind
from search import index
from search.models import Entry
from search.words import Phrase, Query

LATE = 200  # of the newest events of a log that are looked at in the log itself


class Matches(NamedTuple):
    """`not_searched`: how many events are neither in the index nor among the newest, and may hold more."""

    entries: QuerySet[Entry]
    late: list[TaskEvent]
    not_searched: int

    def in_streams(self, field: str = "pk") -> Q:
        """Make the condition that `field` is the id of a stream in which something was found."""
        streams: set[UUID] = {event.stream_id for event in self.late}
        return Q(**{f"{field}__in": self.entries.values("stream_id")}) | Q(**{f"{field}__in": streams})

    def in_events(self, field: str = "pk") -> Q:
        """Make the condition that `field` is the id of an event in which something was found."""
        entry = Exists(
            self.entries.filter(organization_id=OuterRef("organization_id"), event_id=OuterRef(field))
        )
        return Q(entry) | Q(**{f"{field}__in": [event.pk for event in self.late]})


def matching(organization_ids: Collection[int], text: str) -> Matches:
    """Find what fits the text; nothing for one without any word. Raises Invalid for one that is too long."""
    query = Query.parse(text)
    if not query or not organization_ids:
        return Matches(Entry.objects.none(), [], 0)
    late, not_searched = [], 0
    for log in logs_behind(index.NAME, organization_ids):
        events = TaskEvent.objects.filter(organization_id=log.organization_id, position__gt=log.taken)
        newest = list(events.readable().order_by("-position")[:LATE])
        late += [event for event in index.say_something(newest) if query.fits(index.words_of(event))]
        not_searched += max(0, log.head - log.taken - LATE)
    return Matches(_entries(organization_ids, query), late, not_searched)


class _Dialect(NamedTuple):
    """How a database writes a search. Words are of letters and digits alone, so nothing in them is syntax."""

    condition: str
    phrase: Callable[[Phrase], str]
    both: str
    either: str


def _ts_phrase(phrase: Phrase) -> str:
    words = " <-> ".join(f"'{word}'" for word in phrase.words)
    return f"({words}{':*' if phrase.is_begun else ''})"


def _fts5_phrase(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.words)}"{" *" if phrase.is_begun else ""}'


_DIALECTS = {
    "postgresql": _Dialect("words @@ %s::tsquery", _ts_phrase, " & ", " | "),
    "sqlite": _Dialect(
        "event_id IN (SELECT rowid FROM search_words WHERE search_words MATCH %s)",
        _fts5_phrase,
        " AND ",
        " OR ",
    ),
}


def _entries(organization_ids: Collection[int], query: Query) -> QuerySet[Entry]:
    dialect = _DIALECTS[connection.vendor]
    here = [
        Phrase((index.organization_word(organization_id),)) for organization_id in sorted(organization_ids)
    ]
    anywhere_here = f"({dialect.either.join(map(dialect.phrase, here))})"
    asked = dialect.both.join([anywhere_here, *map(dialect.phrase, query.phrases)])
    found = RawSQL(dialect.condition, [asked], output_field=BooleanField())  # noqa: S611 - a parameter
    return Entry.objects.filter(found, organization_id__in=organization_ids).order_by()
