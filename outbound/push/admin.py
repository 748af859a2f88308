"""Browsers that are pushed to, in the administration. Nothing by which others could push to them is shown."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib import admin

from events.admin import ReadOnlyAdmin
from outbound.push.models import PushSubscription


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("user", "browser", "service", "created_at")
    list_select_related: ClassVar = ["user"]
    list_per_page = 50
    ordering = ("-pk",)
    fields: ClassVar[Any] = ("user", "browser", "service", "created_at")
    show_full_result_count = False

    @admin.display(description="push service")
    def service(self, subscription: PushSubscription) -> str:
        return urlsplit(subscription.endpoint).hostname or ""
