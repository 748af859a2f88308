"""The audit: the log in the administration. Everybody who may see it reads, and nobody changes anything."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from events.audit.changes import as_stored, changes, is_readable
from events.audit.filters import (
    ActionFilter,
    ActorFilter,
    Events,
    OrganizationFilter,
    PeriodFilter,
    action_label,
    full_name,
    search,
)
from events.models import LogHead, TaskEvent
from events.sentences import sentence, user_ids
from orgs.access import memberships_of
from orgs.models import User

STREAM = "stream_id"  # in the address: the history of one task


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST":
            raise PermissionDenied
        return super().changelist_view(request, extra_context)


class AuditList(ChangeList):
    """The list, with each event's sentence: the names for a whole page take one query."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "Events"
        if STREAM in self.params and self.result_list:
            newest = self.result_list[-1]
            self.title = f"History of {newest.key} “{newest.subject}”"

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        people = people_in(self.result_list)
        names = {user_id: user.display_name for user_id, user in people.items()}
        for event in self.result_list:
            event.told = sentence(event, names)

    def kept(self) -> list[tuple[str, str]]:
        """What the filter form hands on beside its own fields."""
        return [(name, self.params[name]) for name in (SEARCH_VAR, STREAM) if name in self.params]


@admin.register(TaskEvent)
class TaskEventAdmin(ReadOnlyAdmin):
    list_filter = (OrganizationFilter, ActorFilter, ActionFilter, PeriodFilter)
    list_per_page = 50
    show_full_result_count = False  # counting the whole log for every page is dear
    search_fields = ("subject",)  # shows the box; `search` does the work
    search_help_text = "A task (ACME-12), a task's number (12), or words of its title at the time."

    def get_queryset(self, request: HttpRequest) -> Events:
        return TaskEvent.objects.readable()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AuditList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        if STREAM in request.GET:
            return ("place", "version", "time", "what", "who")
        return ("place", "time", "organization_name", "task", "what", "who")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("version",) if STREAM in request.GET else ("-id",)

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        return () if STREAM in request.GET else ("place",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """What the page itself offers. Any field at all would be allowed otherwise, without an index or a check."""
        return lookup in {STREAM, "organization", "actor", "action", "since", "until"}

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Events, bool]:
        # The given term is empty where the form refused the text.
        return search(queryset, request.GET.get(SEARCH_VAR, "")), False

    # Within an organization ids and positions have one order.
    @admin.display(description="position", ordering="id")
    def place(self, event: TaskEvent) -> int:
        return event.position

    @admin.display(description="time (UTC)")
    def time(self, event: TaskEvent) -> SafeString:
        return time_tag(event.created_at)

    @admin.display(description="organization")
    def organization_name(self, event: TaskEvent) -> str:
        return event.organization.name

    @admin.display(description="task")
    def task(self, event: TaskEvent) -> SafeString:
        return format_html('<a href="{}">{}</a>', history_url(event), event.key)

    @admin.display(description="what happened")
    def what(self, event: TaskEvent) -> str:
        return event.told  # type: ignore[attr-defined,no-any-return]

    @admin.display(description="who")
    def who(self, event: TaskEvent) -> str:
        return full_name(event.actor)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= event_page(kwargs["obj"], request)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Django's own would say that nothing ever happened."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        event = self.get_object(request, unquote(object_id))
        if event is None:
            raise Http404
        return redirect(history_url(event))


@admin.register(LogHead)
class LogHeadAdmin(ReadOnlyAdmin):
    """Where each log ends: whoever writes a digest down today can show tomorrow that nothing before it changed."""

    list_display = ("organization", "position", "digest")
    list_select_related = ("organization",)
    ordering = ("organization__name",)


def people_in(events: Iterable[TaskEvent]) -> dict[int, User]:
    """Whom the events' details speak of, in one query or none. A number that no person can have is nobody: the audit
    has to show an event with damaged details too."""
    ids = set().union(*map(user_ids, events))
    return User.objects.in_bulk([user_id for user_id in ids if 0 < user_id <= BigIntegerField.MAX_BIGINT])


def event_page(event: TaskEvent, request: HttpRequest) -> dict[str, Any]:
    people = people_in([event])
    told = sentence(event, {user_id: user.display_name for user_id, user in people.items()})
    around = {near.version - event.version: near for near in _neighbours(event)}
    return {
        "title": told,
        "subtitle": None,
        "event": event,
        "time": time_tag(event.created_at),
        "action": action_label(event.action),
        "actor": full_name(event.actor),
        "changes": changes(event, {user_id: full_name(user) for user_id, user in people.items()}),
        "readable": is_readable(event),
        "stored": as_stored(event),
        "previous": around.get(-1),
        "next": around.get(1),
        "history_url": history_url(event),
        "task_url": _task_url(event, request),
    }


def time_tag(moment: dt.datetime) -> SafeString:
    moment = moment.astimezone(dt.UTC)
    return format_html(
        '<time datetime="{}">{} {}</time>',
        moment.isoformat(),
        moment.day,
        f"{moment:%b %Y, %H:%M:%S}",
    )


def history_url(event: TaskEvent) -> str:
    return reverse("admin:events_taskevent_changelist", query={STREAM: event.stream_id})


def _neighbours(event: TaskEvent) -> Events:
    versions = (event.version - 1, event.version + 1)
    return TaskEvent.objects.filter(stream_id=event.stream_id, version__in=versions)


def _task_url(event: TaskEvent, request: HttpRequest) -> str | None:
    """None for who is no member: the page would not be found."""
    if not memberships_of(request.user.pk).filter(organization=event.organization_id).exists():
        return None
    return reverse("tasks:detail", args=(event.organization.slug, event.task_number))
