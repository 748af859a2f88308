"""Narrowing the audit's list: filters and search. Nonsense in the address finds nothing and breaks nothing."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from base.plain_text import LONGEST_SEARCH
from base.searching import contains
from events.facts import FACTS
from events.models import TaskEvent
from events.subjects import key_in, known_actions
from events.telling import action_label
from orgs.access import organization_called
from orgs.models import Organization, User
from tokens.models import Token
from tokens.naming import found_by

Events = QuerySet[TaskEvent]
Choices = list[tuple[str, str]]

_NUMBER = re.compile(r"#?(\d{1,10})", re.ASCII)
MAX_WORDS = 8  # each is one more pass over every title


def full_name(user: User) -> str:
    """Write `Alice (alice)`: two people may share a display name, an audit must tell them apart."""
    name = user.display_name
    return name if name == user.username else f"{name} ({user.username})"


def search(events: Events, text: str) -> Events:
    """Keep what the text finds: `ACME-12` what has that key and titles with these characters, `12` all of
    that number, words titles, the name of a token what was done through it. Too long a text finds nothing."""
    words = text.split()
    if "\0" in text or len(words) > MAX_WORDS or len(text) > LONGEST_SEARCH:
        return events.none()
    if number := _NUMBER.fullmatch(text.strip()):
        return events.filter(task_number=int(number[1]))
    titles = Q(*(contains("subject", word) for word in words))
    key = key_in(text.strip())
    if key and (organization := organization_called(key[1])):
        others = key[0].foreign_actions()
        titles |= Q(organization=organization, task_number=key[2]) & ~Q(action__in=others)
    if words and (tokens := found_by(text.strip(), events)):
        titles |= Q(via__in=tokens)
    return events.filter(titles)


def day_start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, dt.UTC)


def day_end(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.max, dt.UTC)


class ChoiceFilter(admin.SimpleListFilter):
    """One select of the filter form: a list of links would be endless with many people."""

    template = "admin/events/_choice_filter.html"

    def queryset(self, request: HttpRequest, queryset: Events) -> Events:
        value = self.value()
        if not value:
            return queryset
        return self.narrow(queryset, value) if value in dict(self.lookup_choices) else queryset.none()

    def narrow(self, events: Events, value: str) -> Events:
        raise NotImplementedError

    @property
    def chosen(self) -> str:
        """In words; empty where nothing is chosen."""
        value = self.value()
        return str(dict(self.lookup_choices).get(value, value)) if value else ""


class OrganizationFilter(ChoiceFilter):
    title = "organization"
    parameter_name = "organization"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        organizations = Organization.objects.filter(log_head__position__gt=0)
        return [(str(organization.pk), organization.name) for organization in organizations]

    def narrow(self, events: Events, value: str) -> Events:
        return events.filter(organization_id=int(value))


class ActorFilter(ChoiceFilter):
    """Only people who did something."""

    title = "who"
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        people = User.objects.filter(Exists(TaskEvent.objects.filter(actor=OuterRef("pk"))))
        return sorted(
            ((str(user.pk), full_name(user)) for user in people), key=lambda choice: choice[1].lower()
        )

    def narrow(self, events: Events, value: str) -> Events:
        return events.filter(actor_id=int(value))


class ActionFilter(ChoiceFilter):
    title = "what"
    parameter_name = "action"
    OTHER = "other"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [
            *((action, action_label(action)) for action in known_actions()),
            (self.OTHER, "Other (a newer release)"),
        ]

    def narrow(self, events: Events, value: str) -> Events:
        return events.filter(action__in=_others()) if value == self.OTHER else events.filter(action=value)


def _others() -> Iterator[str]:
    """Yield the actions in the log that this release does not know. One look into an index for each action
    that there is: 'none of those known' would read the whole log."""
    actions = TaskEvent.objects.order_by("action").values_list("action", flat=True)
    action = actions.first()
    while action is not None:
        if action not in FACTS:
            yield action
        action = actions.filter(action__gt=action).first()


class ViaFilter(ChoiceFilter):
    """Only tokens through which something was done."""

    title = "through"
    parameter_name = "via"
    ANY = "any"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        used = Exists(TaskEvent.objects.filter(via=OuterRef("public_id")))
        tokens = Token.objects.filter(used).order_by("name", "pk")
        return [(self.ANY, "Any token"), *((token.public_id, str(token)) for token in tokens)]

    def narrow(self, events: Events, value: str) -> Events:
        return events.filter(via__isnull=False) if value == self.ANY else events.filter(via=value)


class PeriodFilter(admin.ListFilter):
    """From one day to another, both included, in UTC. Without `date_hierarchy`, which reads every event to offer
    its days."""

    title = "when"
    template = "admin/events/_period_filter.html"

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.since, self.until = (params.pop(name, [""])[-1] for name in ("since", "until"))

    def expected_parameters(self) -> list[str | None]:
        return ["since", "until"]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: Events) -> Events:
        try:
            since, until = self.days()
        except ValueError:
            return queryset.none()
        if since:
            queryset = queryset.filter(created_at__gte=day_start(since))
        if until:
            queryset = queryset.filter(created_at__lte=day_end(until))
        return queryset

    def days(self) -> tuple[dt.date | None, dt.date | None]:
        """Read the first and the last day, None where not given. Raises ValueError for what is no date."""
        since, until = (dt.date.fromisoformat(value) if value else None for value in (self.since, self.until))
        return since, until

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        today = dt.datetime.now(dt.UTC).date()
        starts = {
            "Today": today,
            "Last 7 days": today - dt.timedelta(days=6),
            "This month": today.replace(day=1),
            "This year": today.replace(month=1, day=1),
        }
        for label, start in starts.items():
            period = {"since": start.isoformat(), "until": today.isoformat()}
            yield {
                "display": label,
                "query_string": changelist.get_query_string(period),
                "selected": period == {"since": self.since, "until": self.until},
            }
