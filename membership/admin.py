"""Organizations in the admin. Memberships change through the product's own pages, which tell whom they concern."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from membership.forms import OrganizationForm
from membership.services import create_without_members, rename_organization
from orgs.admin import BoundedSearch
from orgs.models import Membership, Organization, User


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(BoundedSearch):
    form = OrganizationForm
    list_display = ("name", "slug", "created")
    search_fields = ("name", "slug")
    inlines = (MembershipInline,)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        by = cast(User, request.user)
        if change:
            rename_organization(obj.pk, name=obj.name, slug=obj.slug, by=by)
        else:
            create_without_members(obj, by=by)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
