"""Pages of organizations and their members."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from base.answers import wants_json, way_on
from base.errors import Conflict, DomainError, Invalid, NotFound
from membership import services
from membership.decide import may_change, roles_to_give
from membership.forms import AddMemberForm, OrganizationForm
from orgs.access import membership_in
from orgs.models import Membership, User
from orgs.pages import MemberRequest, member_page, org_context


@login_required
def organization_list(request: HttpRequest) -> HttpResponse:
    return render(request, "orgs/list.html")


@login_required
def organization_create(request: HttpRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            organization = services.create_organization(**form.cleaned_data, owner=cast(User, request.user))
        except Invalid as error:
            form.add_error("slug", error.message)
        else:
            messages.success(request, f"{organization.name} is ready. Add members, or create the first task.")
            return redirect("tasks:list", organization.slug)
    return render(request, "orgs/create.html", {"form": form})


@member_page
def organization_detail(request: MemberRequest, membership: Membership) -> HttpResponse:
    return redirect("tasks:list", membership.organization.slug)


@member_page
def member_list(request: MemberRequest, membership: Membership) -> HttpResponse:
    """Show the members; add one where the form is sent, so that what could not be added stands at the same address."""
    if request.method != "POST":
        return _members_page(request, membership, AddMemberForm(roles=roles_to_give(membership.role)))
    form = AddMemberForm(request.POST, roles=roles_to_give(membership.role))
    if not form.is_valid():
        return _members_page(request, membership, form, status=400)
    try:
        member = services.add_member(by=membership, **form.cleaned_data)
    except (NotFound, Conflict) as error:
        form.add_error("username", error.message)
        return _members_page(request, membership, form, status=error.status)
    messages.success(request, f"{member.user.display_name} is now a member.")
    return _back(membership)


@require_POST
@member_page
def member_role(request: MemberRequest, membership: Membership, user_id: int) -> HttpResponse:
    """Change a role, and say so; a program, which sends it when it is chosen, gets a refusal as one."""
    try:
        member = services.change_role(by=membership, user_id=user_id, role=request.POST.get("role", ""))
    except DomainError as error:
        if wants_json(request):
            raise
        messages.error(request, error.message)
        return _back(membership)
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, f"{member.user.display_name} is now {member.get_role_display().lower()}.")
    return _back(membership)


@require_POST
@member_page
def member_remove(request: MemberRequest, membership: Membership, user_id: int) -> HttpResponse:
    if user_id == membership.user_id:
        return leave(request, membership.organization.slug)
    try:
        member = services.remove_member(by=membership, user_id=user_id)
        messages.success(request, f"{member.user.display_name} is no longer a member.")
    except DomainError as error:
        messages.error(request, error.message)
    return _back(membership)


@require_POST
@member_page
def leave(request: MemberRequest, membership: Membership) -> HttpResponse:
    try:
        services.remove_member(by=membership, user_id=membership.user_id)
    except DomainError as error:
        messages.error(request, error.message)
        return _back(membership)
    messages.success(request, f"You left {membership.organization.name}.")
    return redirect("orgs:list")


@require_POST
@member_page
def level(request: MemberRequest, membership: Membership) -> HttpResponse:
    services.change_level(membership=membership, level=request.POST.get("level", ""))
    if wants_json(request):
        return HttpResponse(status=204)
    membership = membership_in(membership.organization.slug, request.user.pk)
    messages.success(
        request, f"{membership.organization.name} tells you: {membership.get_level_display().lower()}."
    )
    return HttpResponseRedirect(way_on(request, reverse("preferences:page")))


def _back(membership: Membership) -> HttpResponse:
    return redirect("orgs:members", membership.organization.slug)


def _members_page(
    request: MemberRequest, membership: Membership, form: AddMemberForm, status: int = 200
) -> HttpResponse:
    members = list(
        membership.organization.memberships.select_related("user").order_by("user__first_name", "user_id")
    )
    for member in members:
        member.is_me = member.user_id == membership.user_id  # type: ignore[attr-defined]
        member.manageable = may_change(membership.role, member.role)  # type: ignore[attr-defined]
    owners = [member for member in members if member.role == Membership.Role.OWNER and member.user.is_active]
    last_owner = [member.user_id for member in owners] == [membership.user_id]
    roles = roles_to_give(membership.role)
    context = org_context(membership) | {
        "members": members,
        "form": form,
        "roles": [(role.value, role.label) for role in Membership.Role if role in roles],
        "can_leave": not last_owner,
        "leave_blocked": "You are the only owner. Make somebody else an owner before you leave."
        if last_owner
        else "",
    }
    return render(request, "orgs/members.html", context, status=status)
