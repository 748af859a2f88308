"""The audit: the log in the administration. Everybody who may see it reads, and nobody changes anything."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import BigIntegerField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from base.plain_text import LONGEST_SEARCH
from events.audit.download import download
from events.audit.event_page import event_page, time_tag
from events.audit.export import FORMATS
from events.audit.filters import (
    ActionFilter,
    ActorFilter,
    Events,
    OrganizationFilter,
    PeriodFilter,
    ViaFilter,
    full_name,
    search,
)
from events.audit.heads import HeadQuery, head_page, state_of, verify_url, with_verification
from events.audit.listing import REQUEST, STREAM, AuditList, BoundedPaginator, history_url
from events.audit.verifying import verify_further
from events.models import LogHead, TaskEvent
from orgs.models import User


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


@admin.register(TaskEvent)
class TaskEventAdmin(ReadOnlyAdmin):
    list_filter = (OrganizationFilter, ActorFilter, ActionFilter, ViaFilter, PeriodFilter)
    list_per_page = 50
    paginator = BoundedPaginator
    show_full_result_count = False  # counting the whole log for every page is dear
    search_fields = ("subject",)  # shows the box; `search` does the work
    search_help_text = (
        "A key (ACME-12), a number (12), words of the title at the time, or a token's name. "
        f"At most {LONGEST_SEARCH} characters."
    )

    def get_queryset(self, request: HttpRequest) -> Events:
        return TaskEvent.objects.readable()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AuditList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        if STREAM in request.GET:
            return ("place", "version", "time", "what", "who")
        return ("place", "time", "organization_name", "about", "what", "who")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("version",) if STREAM in request.GET else ("-id",)

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        return () if STREAM in request.GET else ("place",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Allow what the page offers. Any other field would be looked up without an index or a check."""
        return lookup in {STREAM, REQUEST, "organization", "actor", "action", "via", "since", "until"}

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

    @admin.display(description="about")
    def about(self, event: TaskEvent) -> SafeString:
        return format_html('<a href="{}">{}</a>', history_url(event), event.key)

    @admin.display(description="what happened")
    def what(self, event: TaskEvent) -> str:
        return event.told  # type: ignore[attr-defined,no-any-return]

    @admin.display(description="who")
    def who(self, event: TaskEvent) -> str:
        return full_name(event.actor)

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="events_taskevent_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """Send the filtered list as a file. A POST, for it is recorded: no link, prefetch or crawler makes
        one."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.POST.get("format") not in FORMATS:
            raise Http404
        if "%00" in request.META["QUERY_STRING"]:
            raise BadRequest("a NUL in a filter, which no record can hold")
        try:
            listing = cast(AuditList, self.get_changelist_instance(request))
        except IncorrectLookupParameters as error:
            raise Http404 from error
        return download(request, listing.queryset, listing.narrowed_by(), request.POST["format"])

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= event_page(kwargs["obj"], request)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Lead to the history of the event's stream: Django's page would say that nothing ever happened."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        event = self.get_object(request, unquote(object_id))
        if event is None:
            raise Http404
        return redirect(history_url(event))


@admin.register(LogHead)
class LogHeadAdmin(ReadOnlyAdmin):
    """Where each log ends, and how far it was verified. Whoever may look may verify: it reads the log and writes down
    who found what."""

    list_display = ("organization", "position", "verification", "whole_digest", "verify_button")
    list_display_links = ("organization",)
    ordering = ("organization__name",)

    def get_queryset(self, request: HttpRequest) -> HeadQuery:
        return with_verification(LogHead.objects.select_related("organization"))

    @admin.display(description="verification")
    def verification(self, head: LogHead) -> SafeString:
        return state_of(head).tag()

    @admin.display(description="digest")
    def whole_digest(self, head: LogHead) -> SafeString:
        return format_html('<code class="digest" data-copy>{}</code>', head.digest)

    @admin.display(description="verify")
    def verify_button(self, head: LogHead) -> SafeString:
        return format_html(
            '<button class="button" formaction="{}" aria-label="Verify the log of {}">Verify</button>',
            verify_url(head),
            head.organization.name,
        )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Where each log ends, and how far it was verified"})

    def get_urls(self) -> list[URLPattern]:
        verify = self.admin_site.admin_view(self.verify)
        return [path("<int:pk>/verify/", verify, name="events_loghead_verify"), *super().get_urls()]

    def verify(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        if pk > BigIntegerField.MAX_BIGINT or not LogHead.objects.filter(pk=pk).exists():
            raise Http404
        verify_further(pk, cast(User, request.user), from_start="from_start" in request.POST)
        return redirect("admin:events_loghead_change", pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= head_page(kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What was done here, exports of the history among it."""

    list_display = ("time", "user", "object_repr", "what")
    list_display_links = None
    list_select_related = ("user", "content_type")
    show_full_result_count = False

    @admin.display(description="time (UTC)")
    def time(self, entry: LogEntry) -> SafeString:
        return time_tag(entry.action_time)

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message()
