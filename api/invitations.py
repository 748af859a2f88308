"""Invitations into an organization that wait for an answer."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated

import msgspec
from django.urls import reverse
from dmr.routing import path

from api.controllers import Resource, operation
from api.orgs import OrgPath, Role
from api.paging import AfterId, Id, Page, cut
from api.parsing import Body, Path, Query, Strict
from base.errors import NotFound
from membership import inviting
from membership.decide import require_manager
from membership.members_page import waiting_in
from membership.models import Invitation
from orgs.access import membership_in
from orgs.models import Membership
from tokens.scopes import ADMIN


class InvitationSeen(msgspec.Struct, kw_only=True):
    """`invited` is the address or the user name as it was typed; whether it has an account is not told."""

    id: int
    invited: str
    role: Role
    invited_by: int
    created_at: dt.datetime
    expires_at: dt.datetime


class Invited(Strict):
    """`to` is an e-mail address or a user name."""

    to: Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
    role: Role = "member"


class InvitationPath(OrgPath):
    invitation_id: Id


def seen(invitation: Invitation) -> InvitationSeen:
    return InvitationSeen(
        id=invitation.pk,
        invited=invitation.invited,
        role=invitation.role,  # type: ignore[arg-type]
        invited_by=invitation.invited_by_id,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )


class Invitations(Resource):
    scope = ADMIN

    @operation("listInvitations")
    def get(self, parsed_path: Path[OrgPath], parsed_query: Query[AfterId]) -> Page[InvitationSeen]:
        """List those that wait, by id. Only owners and admins may."""
        listed = sorted(waiting_in(_manager(self, parsed_path)), key=lambda each: each.pk)
        found, more = cut(
            [each for each in listed if each.pk > (parsed_query.after or 0)], parsed_query.limit
        )
        following = self.link_next(after=found[-1].pk) if more else None
        return Page(items=[seen(each) for each in found], next=following)

    @operation("invite")
    def post(self, parsed_path: Path[OrgPath], parsed_body: Body[Invited]) -> InvitationSeen:
        """Invite somebody. The answer is the same whether there is such an account."""
        by = membership_in(parsed_path.slug, self.request.user.pk)
        made = inviting.invite(by=by, to=parsed_body.to, role=parsed_body.role)
        at = {"slug": by.organization.slug, "invitation_id": made.pk}
        self.created(reverse("v1:invitation", kwargs=at))
        return seen(made)


class OneInvitation(Resource):
    scope = ADMIN

    @operation("getInvitation")
    def get(self, parsed_path: Path[InvitationPath]) -> InvitationSeen:
        """Show one that waits."""
        return seen(_waiting(_manager(self, parsed_path), parsed_path.invitation_id))

    @operation("withdrawInvitation", HTTPStatus.NO_CONTENT)
    def delete(self, parsed_path: Path[InvitationPath]) -> None:
        """Take an invitation back."""
        by = _manager(self, parsed_path)
        inviting.revoke(by=by, invitation_id=_waiting(by, parsed_path.invitation_id).pk)


def _manager(resource: Resource, at: OrgPath) -> Membership:
    """Find the membership of whoever asks. Raises Forbidden unless they manage members."""
    membership = membership_in(at.slug, resource.request.user.pk)
    require_manager(membership.role)
    return membership


def _waiting(by: Membership, invitation_id: int) -> Invitation:
    """Find one of their organization. Raises NotFound where it is not there or waits no more."""
    for each in waiting_in(by):
        if each.pk == invitation_id:
            return each
    raise NotFound


routes = [
    path("orgs/<slug:slug>/invitations", Invitations.as_view(), name="invitations"),
    path("orgs/<slug:slug>/invitations/<id:invitation_id>", OneInvitation.as_view(), name="invitation"),
]
