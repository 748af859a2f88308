"""The pages of an organization's service accounts: members without a password, and their tokens."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts.closing import can_prove_who_they_are
from accounts.token_forms import ServiceTokenForm
from accounts.token_pages import for_program, shown
from base.answers import wants_json
from base.errors import DomainError, NotFound
from membership import service_accounts
from membership.decide import require_manager
from orgs.forms import refuse
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page, org_context
from tokens.services import in_force, make, revoke

Role = Membership.Role


class ServiceAccountForm(forms.Form):
    name = forms.CharField(
        max_length=service_accounts.NAME_LIMIT,
        help_text="What it is, such as Deploy bot.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        choices=[(role.value, role.label) for role in (Role.MEMBER, Role.VIEWER, Role.ADMIN)]
    )


@member_page
def service_list(request: MemberRequest, membership: Membership) -> HttpResponse:
    """List them with their tokens, and make one."""
    require_manager(membership.role)
    form = ServiceAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = service_accounts.make(by=membership, **form.cleaned_data)
        except DomainError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, f"{made.user.display_name} is a member. Make a token for it.")
            return redirect("accounts:service-accounts", membership.organization.slug)
    refuse(request, form)
    context = {"form": form, "accounts": _listed(membership)}
    status = 400 if form.is_bound else 200
    return render(request, "orgs/service_accounts.html", org_context(membership) | context, status=status)


def _listed(membership: Membership) -> list[dict[str, Any]]:
    return [
        {"member": each, "tokens": [shown(token) for token in service_accounts.tokens_of(each)]}
        for each in service_accounts.of_organization(membership.organization_id)
    ]


@sensitive_variables("made")
@member_page
@reauthentication_required(enabled=can_prove_who_they_are)  # type: ignore[untyped-decorator]
def token_make(request: MemberRequest, membership: Membership, user_id: int) -> HttpResponse:
    """Show the form, to who has proved a moment ago who they are; make what it asks for, and show it this once."""
    account = service_accounts.one(membership, user_id)
    form = ServiceTokenForm(account.user, request.POST or None)
    context = org_context(membership) | {"account": account.user, "form": form}
    if request.method == "POST" and form.is_valid():
        wish = form.wish()._replace(organization_id=membership.organization_id)
        try:
            made = make(account.user, wish, by=request.user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            if wants_json(request):
                return for_program(made)
            context |= {"made": made, "token": made.token}
            return render(request, "orgs/service_token_made.html", context)
    refuse(request, form)
    status = 400 if form.is_bound else 200
    return render(request, "orgs/service_token_new.html", context, status=status)


@require_POST
@member_page
def token_revoke(request: MemberRequest, membership: Membership, user_id: int, pk: int) -> HttpResponse:
    account = service_accounts.one(membership, user_id)
    token = in_force(account.user_id).filter(pk=pk).first()
    if token is None:
        raise NotFound
    revoke([token])
    messages.success(request, f"“{token.name}” is revoked. What used it is cut off.")
    return redirect("accounts:service-accounts", membership.organization.slug)
