"""The access record in the administration: to be read and searched, never changed. What allauth registers shows
secrets, or changes addresses, factors and sessions where nobody is told: it is taken away."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import person_admin  # noqa: F401 - registers people
from accounts.browsers import browser_of
from accounts.models import AccessRecord
from events.admin import ReadOnlyAdmin
from events.audit.event_page import time_tag
from orgs.access_record import Kind
from orgs.admin import BoundedSearch, is_superuser

for model in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(model)


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.value, kind.label) for kind in Kind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessRecord]) -> QuerySet[AccessRecord]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(AccessRecord)
class AccessRecordAdmin(ReadOnlyAdmin, BoundedSearch):
    list_display = ("when", "what", "user", "address", "with_browser", "about", "times")
    list_filter = (KindFilter, "at")
    list_select_related = ("user", "by")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("user__username", "address__startswith", "about")
    search_help_text = "A user name, the beginning of an address, or a word of what it was about."
    fields = ("what", "user", "by", "address", "browser", "about", "times", "at", "last_at")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave it to superusers: it says where people were when."""
        return is_superuser(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    @admin.display(description="When", ordering="-at")
    def when(self, record: AccessRecord) -> SafeString:
        return time_tag(record.at)

    @admin.display(description="What", ordering="kind")
    def what(self, record: AccessRecord) -> str:
        return record.label

    @admin.display(description="Browser")
    def with_browser(self, record: AccessRecord) -> SafeString | str:
        name = browser_of(record.browser) if record.browser else ""
        return format_html('<span title="{}">{}</span>', record.browser, name) if name else ""
