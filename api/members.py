"""Members of an organization and their roles."""

import datetime as dt
from http import HTTPStatus

import msgspec
from django.urls import reverse
from dmr.routing import path

from api.controllers import Resource, operation
from api.orgs import OrgPath, Role
from api.paging import AfterId, Id, Page, cut
from api.parsing import Body, Path, Query, Strict
from membership import inviting, rows, services
from orgs.access import membership_in
from orgs.models import Membership
from tokens.scopes import ADMIN, READ


class Member(msgspec.Struct, kw_only=True):
    """`is_service`: it is a program, not a person."""

    user_id: int
    username: str
    name: str
    role: Role
    is_service: bool
    joined_at: dt.datetime


class MemberPath(OrgPath):
    user_id: Id


class RoleChange(Strict):
    """`without_owner`: also where nobody is left then who owns the organization."""

    role: Role
    without_owner: bool = False


class Removal(Strict):
    """`without_owner`: also where nobody is left then who owns the organization."""

    without_owner: bool = False


def member_of(membership: Membership) -> Member:
    user = membership.user
    return Member(
        user_id=user.pk,
        username=user.username,
        name=user.display_name,
        role=membership.role,  # type: ignore[arg-type]
        is_service=user.is_service,
        joined_at=membership.created,
    )


class Members(Resource):
    scope = READ

    @operation("listMembers")
    def get(self, parsed_path: Path[OrgPath], parsed_query: Query[AfterId]) -> Page[Member]:
        """List the members, by their user ids."""
        organization = membership_in(parsed_path.slug, self.request.user.pk).organization
        listed = organization.memberships.filter(user_id__gt=parsed_query.after or 0).select_related("user")
        found, more = cut(listed.order_by("user_id")[: parsed_query.limit + 1], parsed_query.limit)
        following = self.link_next(after=found[-1].user_id) if more else None
        return Page(items=[member_of(each) for each in found], next=following)


class OneMember(Resource):
    scope, scope_to_change = READ, ADMIN

    @operation("getMember")
    def get(self, parsed_path: Path[MemberPath]) -> Member:
        """Show a member."""
        membership = membership_in(parsed_path.slug, self.request.user.pk)
        return member_of(rows.member_of(membership.organization_id, parsed_path.user_id))

    @operation("changeRole", also=[HTTPStatus.ACCEPTED])
    def patch(self, parsed_path: Path[MemberPath], parsed_body: Body[RoleChange]) -> Member:
        """Give a member another role.

        To make somebody an owner is an offer: 202, and they have to accept the invitation that Location names.
        """
        by, user_id, role = self._me(parsed_path), parsed_path.user_id, parsed_body.role
        member = rows.member_of(by.organization_id, user_id)
        if role == "owner" != member.role:
            offer = inviting.offer_ownership(by=by, user_id=user_id)
            at = {"slug": by.organization.slug, "invitation_id": offer.pk}
            self.accepted(reverse("v1:invitation", kwargs=at))
            return member_of(member)
        without_owner = parsed_body.without_owner
        return member_of(services.change_role(by=by, user_id=user_id, role=role, without_owner=without_owner))

    @operation("removeMember", HTTPStatus.NO_CONTENT)
    def delete(self, parsed_path: Path[MemberPath], parsed_query: Query[Removal]) -> None:
        """Remove a member, or leave, by your own id."""
        without_owner = parsed_query.without_owner
        by = self._me(parsed_path)
        services.remove_member(by=by, user_id=parsed_path.user_id, without_owner=without_owner)

    def _me(self, at: MemberPath) -> Membership:
        return membership_in(at.slug, self.request.user.pk)


routes = [
    path("orgs/<slug:slug>/members", Members.as_view(), name="members"),
    path("orgs/<slug:slug>/members/<id:user_id>", OneMember.as_view(), name="member"),
]
