"""People in the admin. They stand here because forgetting one concerns their texts and tasks too."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from base.errors import DomainError
from orgs.account_services import save_account, sessions_ended
from orgs.admin import BoundedSearch, is_superuser
from orgs.models import User
from tasks.erasure import erase_user, sole_ownerships

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
MOST_AT_ONCE = 20  # each locks the logs for a moment


@admin.register(User)
class PersonAdmin(BoundedSearch, UserAdmin):  # type: ignore[type-arg]
    actions = ("erase",)
    readonly_fields = ("erased_at",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *(() if is_superuser(request) else RIGHTS))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave who has rights here to superusers and, but for the rights, to themselves. Nobody brings back
        who was erased."""
        if not super().has_change_permission(request, obj):
            return False
        if obj is None or is_superuser(request):
            return obj is None or obj.erased_at is None
        return obj == request.user or not (obj.is_staff or obj.is_superuser or obj.erased_at)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        save_account(obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            sessions_ended(int(unquote(id)))
        return response

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: history keeps its people. They are erased, or closed by `is_active`."""
        return False

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    @admin.action(description="Erase the name, address and words of selected people", permissions=["erase"])
    def erase(self, request: HttpRequest, people: QuerySet[User]) -> HttpResponse | None:
        """Show a page that says what goes and what stays; confirmed there, erase."""
        if not self.has_erase_permission(request):
            raise PermissionDenied
        chosen = list(people.order_by("username")[: MOST_AT_ONCE + 1])
        if len(chosen) > MOST_AT_ONCE:
            self.message_user(request, f"Choose at most {MOST_AT_ONCE} people at once.", messages.ERROR)
            return None
        if "confirmed" in request.POST:
            for user in chosen:
                self._erase(request, user)
            return None
        owned = [sole_ownerships(user) for user in chosen]
        context = self.admin_site.each_context(request) | {
            "title": "Erase people",
            "opts": self.model._meta,
            "people": [{"user": user, "owned": names} for user, names in zip(chosen, owned, strict=True)],
        }
        return TemplateResponse(request, "admin/orgs/user/erase.html", context)

    def _erase(self, request: HttpRequest, user: User) -> None:
        try:
            erased = erase_user(user.pk)
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
            return
        user.refresh_from_db()
        self.log_change(request, user, "Erased.")
        text = f"Account {user.pk} is now '{erased.name}'. {erased.texts} texts were erased."
        if erased.inline_texts:
            text += f" {erased.inline_texts} older ones are part of the hashed history and stay."
        self.message_user(request, text, messages.SUCCESS)
