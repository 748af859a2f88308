"""Organizations in the admin; people stand in tasks/admin.py. Memberships change through the product's own pages,
which announce it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from orgs.forms import OrganizationForm
from orgs.models import Membership, Organization
from orgs.services import rename_organization


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = OrganizationForm
    list_display = ("name", "slug", "created")
    search_fields = ("name", "slug")
    inlines = (MembershipInline,)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        if change:
            rename_organization(obj.pk, name=obj.name, slug=obj.slug)
        else:
            super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
