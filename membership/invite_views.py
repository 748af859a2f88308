"""Inviting people: one at once, many after a look at what each line means; sending again and taking back."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from base.answers import wants_json
from base.errors import DomainError
from membership import inviting
from membership.addressees import Line, addressee, lines
from membership.decide import require_manager, roles_to_give
from membership.forms import InviteForm
from membership.models import Invitation
from orgs.forms import refuse
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page, org_context, refused


class Seen(NamedTuple):
    """A line, and what becomes of it."""

    line: Line
    says: str
    is_sent: bool = False


@member_page
def invite(request: MemberRequest, membership: Membership) -> HttpResponse:
    """Invite whoever is named alone; of more, show first what each line means. Lines that cannot be read stay."""
    require_manager(membership.role)
    form = InviteForm(request.POST or None, roles=roles_to_give(membership.role))
    if request.method != "POST" or not form.is_valid():
        return _page(request, membership, form, status=400 if form.is_bound else 200)
    text, role = form.cleaned_data["text"], form.cleaned_data["role"]
    try:
        if addressee(text):
            return _one(request, membership, text, role)
        if "send" in request.POST or wants_json(request):
            return _many(request, membership, lines(text), role)
    except DomainError as error:
        if wants_json(request):
            raise
        form.add_error("text", error.message)
        return _page(request, membership, form, status=error.status)
    return _page(request, membership, form, _seen(membership, lines(text)))


@require_POST
@member_page
def renew(request: MemberRequest, membership: Membership, invitation_id: int) -> HttpResponse:
    return _act(
        request,
        membership,
        inviting.renew,
        invitation_id,
        "The invitation of {} holds for another two weeks.",
    )


@require_POST
@member_page
def revoke(request: MemberRequest, membership: Membership, invitation_id: int) -> HttpResponse:
    return _act(request, membership, inviting.revoke, invitation_id, "The invitation of {} is taken back.")


def _act(
    request: MemberRequest,
    membership: Membership,
    act: Callable[..., Invitation],
    invitation_id: int,
    said: str,
) -> HttpResponse:
    try:
        messages.success(request, said.format(act(by=membership, invitation_id=invitation_id).invited))
    except DomainError as error:
        refused(request, error)
    return redirect("orgs:members", membership.organization.slug)


def _one(request: MemberRequest, membership: Membership, to: str, role: str) -> HttpResponse:
    invitation = inviting.invite(by=membership, to=to, role=role)
    how = "A mail says so" if invitation.address and settings.MAIL_IS_ON else "They find it under Invitations"
    messages.success(request, f"{invitation.invited} is invited. {how}, and it waits for two weeks.")
    return redirect("orgs:members", membership.organization.slug)


def _many(request: MemberRequest, membership: Membership, pasted: Sequence[Line], role: str) -> HttpResponse:
    """Invite whom the lines name. Those that could not be read go back into the form."""
    count = inviting.invite_many(
        by=membership, addresses=[line.address for line in pasted if line.address], role=role
    )
    messages.success(request, f"{count} {'person is' if count == 1 else 'people are'} invited.")
    left = [line for line in pasted if not line.address]
    if left and wants_json(request):
        return JsonResponse({"invited": count, "left": [line.typed for line in left]})
    if not left:
        return redirect("orgs:members", membership.organization.slug)
    text = "\n".join(line.typed for line in left)
    form = InviteForm(roles=roles_to_give(membership.role), initial={"text": text, "role": role})
    return _page(request, membership, form, _seen(membership, left))


def _seen(membership: Membership, pasted: Sequence[Line]) -> list[Seen]:
    waiting = inviting.waiting_keys(membership.organization_id, [line.address for line in pasted])
    return [_meaning(line, waiting) for line in pasted]


def _meaning(line: Line, waiting: set[str]) -> Seen:
    if not line.address:
        return Seen(line, "Not an address")
    if line.is_twice:
        return Seen(line, "Twice, counts once")
    if line.address in waiting:
        return Seen(line, "Invited already")
    return Seen(line, "Will be invited", is_sent=True)


def _page(
    request: MemberRequest,
    membership: Membership,
    form: InviteForm,
    seen: Sequence[Seen] = (),
    status: int = 200,
) -> HttpResponse:
    refuse(request, form)
    form.fields["text"].widget.attrs |= {"rows": 8, "autofocus": True}
    context: dict[str, Any] = {
        "form": form,
        "seen": seen,
        "sent": sum(each.is_sent for each in seen),
        "mail_is_on": settings.MAIL_IS_ON,
    }
    return render(request, "orgs/invite.html", org_context(membership) | context, status=status)
