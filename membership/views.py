"""Pages of organizations and their members."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from base.answers import wants_json, way_on
from base.errors import DomainError, Invalid, TooMany
from membership import inviting, rows, services
from membership.forms import OrganizationForm
from membership.invitations import waiting_for
from membership.members_page import members_context
from orgs.access import membership_in
from orgs.forms import refuse
from orgs.models import Membership, User
from orgs.pages import MemberRequest, member_page, org_context, refused

OFFERED = "Ownership is offered"


@login_required
def organization_list(request: HttpRequest) -> HttpResponse:
    return render(request, "orgs/list.html", {"invitations": waiting_for(cast(User, request.user))})


@login_required
def organization_create(request: HttpRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            organization = services.create_organization(**form.cleaned_data, owner=cast(User, request.user))
        except (Invalid, TooMany) as error:
            form.add_error("slug" if isinstance(error, Invalid) else None, error.message)
        else:
            messages.success(
                request, f"{organization.name} is ready. Invite people, or create the first task."
            )
            return redirect("tasks:list", organization.slug)
    refuse(request, form)
    return render(request, "orgs/create.html", {"form": form})


@member_page
def organization_detail(request: MemberRequest, membership: Membership) -> HttpResponse:
    return redirect("tasks:list", membership.organization.slug)


@require_safe
@member_page
def member_list(request: MemberRequest, membership: Membership) -> HttpResponse:
    return render(request, "orgs/members.html", org_context(membership) | members_context(membership))


@require_POST
@member_page
def member_role(request: MemberRequest, membership: Membership, user_id: int) -> HttpResponse:
    """Change a role, or offer to become an owner, and say so; a program, which sends it when it is chosen, gets a
    refusal as one."""
    try:
        said = _give(membership, user_id, request.POST)
    except DomainError as error:
        refused(request, error)
        return _back(membership)
    if wants_json(request):
        return (
            JsonResponse({"said": said}, status=202) if said.startswith(OFFERED) else HttpResponse(status=204)
        )
    messages.success(request, said)
    return _back(membership)


def _give(by: Membership, user_id: int, asked: QueryDict) -> str:
    role = asked.get("role", "")
    if role == Membership.Role.OWNER and rows.member_of(by.organization_id, user_id).role != role:
        offer = inviting.offer_ownership(by=by, user_id=user_id)
        return f"{OFFERED} to {offer.user.display_name}, who has to accept."  # type: ignore[union-attr]
    without_owner = asked.get("without_owner") == "1"
    member = services.change_role(by=by, user_id=user_id, role=role, without_owner=without_owner)
    return f"{member.user.display_name} is now {member.get_role_display().lower()}."


@require_POST
@member_page
def member_remove(request: MemberRequest, membership: Membership, user_id: int) -> HttpResponse:
    if user_id == membership.user_id:
        return leave(request, membership.organization.slug)
    try:
        member = services.remove_member(by=membership, user_id=user_id)
        messages.success(request, f"{member.user.display_name} is no longer a member.")
    except DomainError as error:
        refused(request, error)
    return _back(membership)


@require_POST
@member_page
def leave(request: MemberRequest, membership: Membership) -> HttpResponse:
    without_owner = request.POST.get("without_owner") == "1"
    try:
        services.remove_member(by=membership, user_id=membership.user_id, without_owner=without_owner)
    except DomainError as error:
        refused(request, error)
        return _back(membership)
    messages.success(request, f"You left {membership.organization.name}.")
    return redirect("orgs:list")


@require_POST
@member_page
def claim(request: MemberRequest, membership: Membership) -> HttpResponse:
    try:
        services.claim_ownership(by=membership)
        messages.success(request, f"You are now the owner of {membership.organization.name}.")
    except DomainError as error:
        refused(request, error)
    return _back(membership)


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
