"""People in the administration, with their second factors: who has one, and the page that removes what was lost."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.factors import factors_of, has_factor, remove_all
from accounts.record import note
from orgs.access_record import Kind
from orgs.admin import is_superuser
from orgs.models import User
from tasks.admin import PersonAdmin as PersonAdminOfTasks

admin.site.unregister(User)


class FactorFilter(admin.SimpleListFilter):
    title = "second factor"
    parameter_name = "factor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Has one"), ("0", "Has none")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(has_a_factor=self.value() == "1") if self.value() in ("0", "1") else queryset


@admin.register(User)
class PersonAdmin(PersonAdminOfTasks):
    list_display = ("username", "email", "first_name", "last_name", "is_staff", "second_factor")
    list_filter = ("is_staff", "is_superuser", "is_active", "groups", FactorFilter)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        people: QuerySet[Any] = super().get_queryset(request)
        with_factor: QuerySet[Any] = people.annotate(has_a_factor=has_factor(OuterRef("pk")))
        return with_factor

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), "factors")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        found = super().get_fieldsets(request, obj)
        return (*found, ("Second factor", {"fields": ("factors",)})) if obj else found

    @admin.display(description="Second factor", boolean=True, ordering="has_a_factor")
    def second_factor(self, user: Any) -> bool:
        return bool(user.has_a_factor)

    @admin.display(description="Set up")
    def factors(self, user: User) -> str:
        found = ", ".join(map(str, factors_of(user)))
        if not found:
            return "None"
        page = reverse("admin:remove_factors", args=[user.pk])
        return format_html('{} · <a href="{}">Remove what was lost</a>', found, page)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
            note(Kind.PASSWORD_CHANGED, int(unquote(id)), "in the administration", request, request.user)  # type: ignore[arg-type]
        return response

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.remove_factors)
        return [path("<int:pk>/factors/", page, name="remove_factors"), *super().get_urls()]

    def remove_factors(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what goes and what stays; sent from there, remove."""
        if not is_superuser(request):
            raise PermissionDenied
        user = get_object_or_404(User, pk=pk)
        if request.method == "POST":
            removed = remove_all(user, by=request.user, request=request)  # type: ignore[arg-type]
            self.log_change(request, user, "Removed the second factors.")
            self.message_user(request, f"{removed} of {user.username} removed.", messages.SUCCESS)
            return redirect("admin:orgs_user_change", pk)
        context = self.admin_site.each_context(request) | {
            "title": "Remove second factors",
            "opts": self.model._meta,
            "person": user,
            "factors": factors_of(user),
        }
        return TemplateResponse(request, "admin/orgs/user/factors.html", context)
