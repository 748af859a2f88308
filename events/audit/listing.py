"""The audit's list: its sentences, its order, and a count that stays bounded however long the log is."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import BigIntegerField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from events.audit.chart import Chart, chart_of
from events.audit.filters import ChoiceFilter, Events, PeriodFilter
from events.models import TaskEvent
from events.sentences import sentence, user_ids
from orgs.models import User

STREAM = "stream_id"  # in the address: the history of one task, or of what else events are about
REQUEST = "request_id"  # in the address: what one request caused
COUNTED = 10_000


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to COUNTED and no further: at a million events the exact number costs more than the page."""

    @cached_property
    def _found(self) -> int:
        events = cast(Events, self.object_list)
        return events.order_by().values("pk")[: COUNTED + 1].count()

    @property
    def count(self) -> int:
        return min(self._found, COUNTED)

    @property
    def shown(self) -> str:
        """The count for people: 10,000."""
        return f"{self.count:,}"

    @property
    def has_more(self) -> bool:
        return self._found > COUNTED


class AuditList(ChangeList):
    """The list, with each event's sentence: the names for a whole page take one query."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "Events"
        if STREAM in self.params and self.result_list:
            newest = self.result_list[-1]
            self.title = f"History of {newest.key} “{newest.subject}”"
        elif REQUEST in self.params:
            self.title = "Events of one request"

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Events:
        if "\0" in self.params.get(REQUEST, ""):
            raise BadRequest("a NUL in a request's id")
        return super().get_queryset(request, *args, **kwargs)

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        """The newest first, by whatever column an index serves together with the filters. Within an organization
        ids, positions and times have one order; a period is asked for by somebody who thinks in times."""
        asked = str(super().get_ordering(request, queryset)[0])
        if STREAM in self.params:
            return [asked]
        sign = "-" if asked.startswith("-") else ""
        if self._period.since or self._period.until:
            return [f"{sign}created_at", f"{sign}id"]
        return [f"{sign}position", f"{sign}id"] if self.params.get("organization") else [f"{sign}id"]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        people = people_in(self.result_list)
        names = {user_id: user.display_name for user_id, user in people.items()}
        for event in self.result_list:
            event.told = sentence(event, names)

    def kept(self) -> list[tuple[str, str]]:
        """What the filter form hands on beside its own fields."""
        return [(name, self.params[name]) for name in (SEARCH_VAR, STREAM, REQUEST) if name in self.params]

    def narrowed_by(self) -> dict[str, str]:
        """The filters in words, such as who: Bob (bob)."""
        chosen = {
            str(spec.title): spec.chosen for spec in self.filter_specs if isinstance(spec, ChoiceFilter)
        }
        chosen |= {"from": self._period.since, "to": self._period.until, "search": self.query}
        chosen |= {name: self.params.get(name, "") for name in (STREAM, REQUEST)}
        return {name: value for name, value in chosen.items() if value}

    @cached_property
    def chart(self) -> Chart | None:
        """Above the first page of a list that spans streams."""
        if self.page_num > 1 or STREAM in self.params or REQUEST in self.params:
            return None
        try:
            since, until = self._period.days()
        except ValueError:
            return None
        return chart_of(self.queryset, since, until, self.get_query_string)

    @property
    def _period(self) -> PeriodFilter:
        return next(spec for spec in self.filter_specs if isinstance(spec, PeriodFilter))


def people_in(events: Iterable[TaskEvent]) -> dict[int, User]:
    """Whom the events' details speak of, in one query or none. A number that no person can have is nobody: the audit
    has to show an event with damaged details too."""
    ids = set().union(*map(user_ids, events))
    return User.objects.in_bulk([user_id for user_id in ids if 0 < user_id <= BigIntegerField.MAX_BIGINT])


def history_url(event: TaskEvent) -> str:
    return list_url(**{STREAM: event.stream_id})


def list_url(**query: Any) -> str:
    return reverse("admin:events_taskevent_changelist", query=query)
