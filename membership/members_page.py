"""What the page of an organization's members shows."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from membership.decide import may_change, roles_to_give
from membership.forms import InviteForm
from membership.models import Invitation
from orgs.models import Membership


def members_context(membership: Membership) -> dict[str, Any]:
    members = list(
        membership.organization.memberships.select_related("user").order_by("user__first_name", "user_id")
    )
    for member in members:
        member.is_me = member.user_id == membership.user_id  # type: ignore[attr-defined]
        member.manageable = may_change(membership.role, member.role)  # type: ignore[attr-defined]
    owners = [member for member in members if member.role == Membership.Role.OWNER and member.user.is_active]
    roles = roles_to_give(membership.role)
    return {
        "members": members,
        "roles": [(role.value, role.label) for role in Membership.Role if role in roles],
        "form": InviteForm(roles=roles),
        "invitations": waiting_in(membership) if membership.can_manage else [],
        "has_owner": bool(owners),
        "is_last_owner": [member.user_id for member in owners] == [membership.user_id],
        "mail_is_on": settings.MAIL_IS_ON,
    }


def waiting_in(membership: Membership) -> list[Invitation]:
    """List the organization's that nobody has answered, newest first; those that ran out may be sent again."""
    waiting = Invitation.objects.filter(
        organization=membership.organization_id, state=Invitation.State.WAITING
    )
    found = list(waiting.select_related("invited_by").order_by("-created_at", "-pk"))
    now, roles = timezone.now(), roles_to_give(membership.role)
    for invitation in found:
        invitation.ran_out = not invitation.is_open(now)  # type: ignore[attr-defined]
        invitation.manageable = invitation.role in roles  # type: ignore[attr-defined]
    return found
