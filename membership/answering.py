"""How an invitation ends: the person answers it, or it is taken back. Once, whoever tries at the same time."""

import datetime as dt

from django.utils import timezone

from base.errors import Conflict
from base.transactions import write_transaction
from membership.invitations import of_person, of_person_numbered, why_not
from membership.models import Invitation
from orgs.access_record import Kind, note
from orgs.models import Membership, User

WAITS_NO_MORE = "That invitation waits no more: it was answered or taken back."
State = Invitation.State
_KINDS = {
    State.ACCEPTED: Kind.INVITATION_ACCEPTED,
    State.DECLINED: Kind.INVITATION_REFUSED,
    State.REVOKED: Kind.INVITATION_REVOKED,
}


def decline(invitation_id: int, *, user: User) -> Invitation:
    """Say no, or put it away. Raises NotFound, and Conflict where it cannot be answered any more."""
    with write_transaction():
        return take(invitation_id, user, State.DECLINED, timezone.now())


def take(invitation_id: int, user: User, state: Invitation.State, now: dt.datetime) -> Invitation:
    """Let the person answer it, within the caller's transaction: once, whoever tries at the same time. Raises NotFound
    and Conflict."""
    invitation = of_person_numbered(user, invitation_id)
    if obstacle := why_not(invitation, user, now):
        raise Conflict(obstacle)
    ended(invitation, state, user, now)
    return invitation


def withdraw_all(member: Membership, by: User, now: dt.datetime) -> None:
    """Take back whatever else would let somebody who is removed come back, within the caller's transaction."""
    waiting = of_person(member.user).filter(organization=member.organization_id, state=State.WAITING)
    for invitation in waiting:
        ended(invitation, State.REVOKED, by, now)


def ended(invitation: Invitation, state: Invitation.State, by: User, now: dt.datetime) -> None:
    """Close it. Raises Conflict where another did."""
    if not Invitation.objects.filter(pk=invitation.pk, state=State.WAITING).update(
        state=state, answered_by=by, ended_at=now
    ):
        raise Conflict(WAITS_NO_MORE)
    note(_KINDS[state], by.pk, invitation.organization.name)
