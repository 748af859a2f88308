"""A person's own invitations. What they are asked into, by whom and as what is all that is told before they accept."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base.answers import wants_json
from base.errors import Conflict
from membership import answering, services
from membership.facts import a_role
from membership.invitations import of_person_numbered, waiting_for, why_not
from membership.models import Invitation
from orgs.models import Membership, User


@require_safe
@login_required
def own(request: HttpRequest) -> HttpResponse:
    return render(request, "orgs/invitations.html", {"invitations": waiting_for(cast(User, request.user))})


@require_safe
@login_required
def one(request: HttpRequest, invitation_id: int) -> HttpResponse:
    invitation = of_person_numbered(cast(User, request.user), invitation_id)
    return _page(request, invitation, _obstacle(invitation, cast(User, request.user)))


@require_POST
@login_required
def accept(request: HttpRequest, invitation_id: int) -> HttpResponse:
    user = cast(User, request.user)
    try:
        member = services.accept_invitation(invitation_id, user=user)
    except Conflict as error:
        if wants_json(request):
            raise
        return _page(request, of_person_numbered(user, invitation_id), error.message, status=error.status)
    messages.success(request, f"You are now {a_role(member.role)} of {member.organization.name}.")
    return redirect("tasks:list", member.organization.slug)


@require_POST
@login_required
def decline(request: HttpRequest, invitation_id: int) -> HttpResponse:
    user = cast(User, request.user)
    try:
        invitation = answering.decline(invitation_id, user=user)
    except Conflict as error:
        if wants_json(request):
            raise
        return _page(request, of_person_numbered(user, invitation_id), error.message, status=error.status)
    messages.success(request, f"You declined the invitation to {invitation.organization.name}.")
    return redirect("invitations:list")


def _obstacle(invitation: Invitation, user: User) -> str:
    if obstacle := why_not(invitation, user, timezone.now()):
        return obstacle
    member = Membership.objects.filter(organization=invitation.organization_id, user=user).first()
    if member is None or (invitation.role == Membership.Role.OWNER != member.role):
        return ""
    return f"You are already a member of {invitation.organization.name}."


def _page(request: HttpRequest, invitation: Invitation, obstacle: str, status: int = 200) -> HttpResponse:
    context = {"invitation": invitation, "obstacle": obstacle}
    return render(request, "orgs/invitation.html", context, status=status)
