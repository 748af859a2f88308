"""Deliveries in the administration: what waits and why, what was given up, and two acts. Their content is shown to
nobody: it may hold a code."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from events.admin import ReadOnlyAdmin
from outbound import acts
from outbound.mail.addresses import allow_again
from outbound.models import Delivery, Unreachable
from outbound.push import admin as push_admin  # noqa: F401 - Django looks for pages here


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    actions: Any = ("try_again", "give_up")
    list_display = ("what", "receiver", "where", "next_try", "error", "made")
    list_filter = ("state", "channel", "kind")
    list_select_related: ClassVar = ["user"]
    list_per_page = 50
    ordering = ("-pk",)
    exclude = ("content", "leased_until")
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return admin.ModelAdmin.changelist_view(self, request, extra_context)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whoever may change deliveries may do what is done with them here."""
        return bool(request.user.has_perm("outbound.change_delivery"))

    @admin.display(description="delivery")
    def what(self, delivery: Delivery) -> str:
        return f"{delivery.get_channel_display()}, {delivery.get_kind_display().lower()}"

    @admin.display(description="state", ordering="state")
    def where(self, delivery: Delivery) -> str:
        tried = f", tried {delivery.attempts} times" if delivery.attempts > 1 else ""
        return f"{delivery.get_state_display()}{tried}"

    @admin.display(description="made", ordering="created_at")
    def made(self, delivery: Delivery) -> Any:
        return delivery.created_at

    @admin.display(description="to")
    def receiver(self, delivery: Delivery) -> str:
        return delivery.address or (delivery.user.display_name if delivery.user else "")

    @admin.display(description="next try")
    def next_try(self, delivery: Delivery) -> Any:
        return delivery.due_at if delivery.state == Delivery.State.WAITING else None

    @admin.action(description="Try again now", permissions=["act"])
    def try_again(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        self._say(request, deliveries, acts.try_again, "will be tried again")

    @admin.action(description="Give up", permissions=["act"])
    def give_up(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        self._say(request, deliveries, acts.give_up, "given up")

    def _say(
        self,
        request: HttpRequest,
        deliveries: QuerySet[Delivery],
        act: Callable[[QuerySet[Delivery]], int],
        words: str,
    ) -> None:
        chosen = deliveries.count()
        done = act(deliveries)
        level = messages.SUCCESS if done else messages.WARNING
        self.message_user(request, f"{done} of {chosen} {words}.", level)


@admin.register(Unreachable)
class UnreachableAdmin(ReadOnlyAdmin):
    actions: Any = ("allow_again",)
    list_display = ("address", "why", "error", "since")
    list_filter = ("why",)
    ordering = ("-since",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return admin.ModelAdmin.changelist_view(self, request, extra_context)

    def has_act_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("outbound.change_unreachable"))

    @admin.action(description="Send to these addresses again", permissions=["act"])
    def allow_again(self, request: HttpRequest, addresses: QuerySet[Unreachable]) -> None:
        self.message_user(request, f"Mail goes to {allow_again(addresses)} addresses again.")
