"""Organizations and invitations in the admin. Memberships change through the product's own pages, which tell whom they
concern, and begin when somebody accepts."""

from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest

from base.errors import DomainError
from events.admin import ReadOnlyAdmin
from membership.forms import AdministrationForm, OrganizationForm
from membership.inviting import offer_by_staff
from membership.models import Invitation
from membership.services import create_without_members, rename_organization
from orgs.admin import BoundedSearch, is_superuser
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
    form = AdministrationForm
    list_display = ("name", "slug", "created")
    search_fields = ("name", "slug")
    inlines = (MembershipInline,)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave ownership, which opens what is a tenant's, to superusers."""
        if not is_superuser(request):
            kwargs["form"] = OrganizationForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        by = cast(User, request.user)
        if change:
            rename_organization(obj.pk, name=obj.name, slug=obj.slug, by=by)
        else:
            create_without_members(obj, by=by)
        if to := form.cleaned_data.get("offer_to"):
            self._offer(request, obj, by, to)

    def _offer(self, request: HttpRequest, organization: Organization, by: User, to: str) -> None:
        try:
            offer_by_staff(organization, by=by, to=to)
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
        else:
            self.message_user(request, f"Ownership of {organization.name} is offered to {to}.")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin, BoundedSearch):
    """Who invited whom, and what became of it; kept for a while after it ended."""

    list_display = (
        "organization",
        "invited",
        "role",
        "invited_by",
        "state",
        "created_at",
        "expires_at",
        "answered_by",
    )
    list_filter = ("state",)
    list_select_related = ("organization", "invited_by", "answered_by")
    search_fields = ("invited", "organization__name")
    ordering = ("-pk",)
