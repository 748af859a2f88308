"""Access tokens, and service accounts with theirs. The text of a token is in one answer, and nowhere else."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec
from django.db.models import QuerySet
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from dmr.routing import path

from accounts.recently import require_recent_proof_or
from accounts.token_mails import tell_of
from api.controllers import Resource, operation
from api.members import Member, member_of
from api.orgs import OrgPath
from api.paging import AfterId, Id, Page, cut
from api.parsing import Body, Path, Query, Strict
from base.errors import Forbidden, NotFound
from base.transactions import write_transaction
from membership import service_accounts
from orgs.access import membership_in
from orgs.models import Membership, User
from tokens import services
from tokens.models import NAME_LIMIT, Token
from tokens.scopes import ADMIN, READ
from tokens.services import Wish

Scope = Literal["read", "write", "inbox", "audit", "admin"]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LIMIT)]
Days = Annotated[
    Annotated[int, msgspec.Meta(ge=1, le=services.LONGEST.days)] | None,
    msgspec.Meta(description="How many days it lasts; null: for ever."),
]


class TokenSeen(msgspec.Struct, kw_only=True):
    """`public_id` is the part of its text that is no secret, and stands on what was done through it. `organization` is
    the short name of the only one that it sees; null: all of its user's. `last_used_at` is right to a minute or so."""

    id: int
    public_id: str
    name: str
    scopes: list[Scope]
    organization: str | None
    created_at: dt.datetime
    expires_at: dt.datetime | None
    last_used_at: dt.datetime | None


class TokenMade(TokenSeen, kw_only=True):
    """`token` is its text: nobody can show it again."""

    token: str


class NewServiceToken(Strict):
    name: Name
    scopes: list[Scope]
    days: Days = 30


class NewToken(NewServiceToken):
    """`organization` is a short name; null: all of yours."""

    organization: str | None = None


class NewServiceAccount(Strict):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=service_accounts.NAME_LIMIT)]
    role: Literal["admin", "member", "viewer"] = "member"


class TokenPath(Strict):
    token_id: Id


class ServicePath(OrgPath):
    user_id: Id


class ServiceTokenPath(ServicePath):
    token_id: Id


def seen(token: Token) -> TokenSeen:
    return TokenSeen(**_columns(token))


def _columns(token: Token) -> dict[str, Any]:
    return {
        "id": token.pk,
        "public_id": token.public_id,
        "name": token.name,
        "scopes": token.scope_list,
        "organization": token.organization.slug if token.organization else None,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
    }


class Tokens(Resource):
    scope, scope_to_change = READ, ADMIN
    shown_once = ("POST",)

    @operation("listTokens")
    def get(self, parsed_query: Query[AfterId]) -> Page[TokenSeen]:
        """List your tokens that count, by id."""
        return _page(self, _of_user(self, self.request.user.pk), parsed_query)

    @sensitive_variables("made")
    @operation("makeToken")
    def post(self, parsed_body: Body[NewToken]) -> TokenMade:
        """Make a token, by a session that has proved lately whose it is, or a token, which makes no stronger one."""
        require_recent_proof_or(self.request, ADMIN)
        asked, user = parsed_body, self.request.user
        org_id = membership_in(asked.organization, user.pk).organization_id if asked.organization else None
        return _made(self, user, Wish(asked.name, asked.scopes, asked.days, org_id), "v1:token", {})


class OneToken(Resource):
    scope, scope_to_change = READ, ADMIN

    @operation("getToken")
    def get(self, parsed_path: Path[TokenPath]) -> TokenSeen:
        """Show a token that counts."""
        return seen(_one(self, parsed_path))

    @operation("revokeToken", HTTPStatus.NO_CONTENT)
    def delete(self, parsed_path: Path[TokenPath]) -> None:
        """Revoke a token: whatever used it is cut off at once."""
        services.revoke([_one(self, parsed_path)])


class ServiceAccounts(Resource):
    scope = ADMIN

    @operation("listServiceAccounts")
    def get(self, parsed_path: Path[OrgPath], parsed_query: Query[AfterId]) -> Page[Member]:
        """List the members that are programs, by their user ids."""
        by = membership_in(parsed_path.slug, self.request.user.pk)
        listed = [
            each
            for each in service_accounts.of_organization(by.organization_id)
            if each.user_id > (parsed_query.after or 0)
        ]
        found, more = cut(listed[: parsed_query.limit + 1], parsed_query.limit)
        following = self.link_next(after=found[-1].user_id) if more else None
        return Page(items=[member_of(each) for each in found], next=following)

    @operation("makeServiceAccount")
    def post(self, parsed_path: Path[OrgPath], parsed_body: Body[NewServiceAccount]) -> Member:
        """Make a member without a password, for a program. Only owners and admins may."""
        by = _manager(self, parsed_path)
        made = service_accounts.make(by=by, name=parsed_body.name, role=parsed_body.role)
        at = {"slug": by.organization.slug, "user_id": made.user_id}
        self.created(reverse("v1:service-account", kwargs=at))
        return member_of(made)


class OneServiceAccount(Resource):
    scope = ADMIN

    @operation("getServiceAccount")
    def get(self, parsed_path: Path[ServicePath]) -> Member:
        """Show one."""
        return member_of(_service(self, parsed_path))

    @operation("removeServiceAccount", HTTPStatus.NO_CONTENT)
    def delete(self, parsed_path: Path[ServicePath]) -> None:
        """Remove one for good, with its tokens. What it did stays."""
        service_accounts.remove(by=_manager(self, parsed_path), user_id=parsed_path.user_id)


class ServiceTokens(Resource):
    scope = ADMIN
    shown_once = ("POST",)

    @operation("listServiceTokens")
    def get(self, parsed_path: Path[ServicePath], parsed_query: Query[AfterId]) -> Page[TokenSeen]:
        """List the tokens of a service account that count, by id."""
        return _page(self, _of_user(self, _service(self, parsed_path).user_id), parsed_query)

    @sensitive_variables("made")
    @operation("makeServiceToken")
    def post(self, parsed_path: Path[ServicePath], parsed_body: Body[NewServiceToken]) -> TokenMade:
        """Make a token for a service account. It sees the one organization."""
        require_recent_proof_or(self.request, ADMIN)
        member, asked = _service(self, parsed_path), parsed_body
        wish = Wish(asked.name, asked.scopes, asked.days, member.organization_id)
        at = {"slug": member.organization.slug, "user_id": member.user_id}
        return _made(self, member.user, wish, "v1:service-token", at, by=self.request.user)


class OneServiceToken(Resource):
    scope = ADMIN

    @operation("getServiceToken")
    def get(self, parsed_path: Path[ServiceTokenPath]) -> TokenSeen:
        """Show a token of a service account that counts."""
        return seen(self._one(parsed_path))

    @operation("revokeServiceToken", HTTPStatus.NO_CONTENT)
    def delete(self, parsed_path: Path[ServiceTokenPath]) -> None:
        """Revoke a token of a service account."""
        services.revoke([self._one(parsed_path)])

    def _one(self, at: ServiceTokenPath) -> Token:
        found = _of_user(self, _service(self, at).user_id).filter(pk=at.token_id).first()
        if found is None:
            raise NotFound
        return found


def _page(resource: Resource, listed: QuerySet[Token], query: AfterId) -> Page[TokenSeen]:
    after = listed.filter(pk__gt=query.after or 0).select_related("organization").order_by("pk")
    found, more = cut(after[: query.limit + 1], query.limit)
    following = resource.link_next(after=found[-1].pk) if more else None
    return Page(items=[seen(each) for each in found], next=following)


def _of_user(resource: Resource, user_id: int) -> QuerySet[Token]:
    """Find the user's that count, and that the request's own token may know of."""
    own = resource.request.token
    found = services.in_force(user_id)
    return found.filter(organization_id=own.organization_id) if own and own.organization_id else found


def _one(resource: Resource, at: TokenPath) -> Token:
    found = _of_user(resource, resource.request.user.pk).filter(pk=at.token_id).first()
    if found is None:
        raise NotFound
    return found


@sensitive_variables("made")
def _made(
    resource: Resource, user: User, wish: Wish, name: str, at: dict[str, object], by: User | None = None
) -> TokenMade:
    with write_transaction():
        made = services.make(user, wish, within=resource.request.token, by=by)
        tell_of(made.token, user)
    resource.created(reverse(name, kwargs=at | {"token_id": made.token.pk}))
    return TokenMade(token=made.text, **_columns(made.token))


def _manager(resource: Resource, at: OrgPath) -> Membership:
    by = membership_in(at.slug, resource.request.user.pk)
    if by.user.is_service:
        raise Forbidden("A service account manages no service accounts.")
    return by


def _service(resource: Resource, at: ServicePath) -> Membership:
    return service_accounts.one(_manager(resource, at), at.user_id)


SERVICE = "orgs/<slug:slug>/service-accounts"
routes = [
    path("tokens", Tokens.as_view(), name="tokens"),
    path("tokens/<id:token_id>", OneToken.as_view(), name="token"),
    path(SERVICE, ServiceAccounts.as_view(), name="service-accounts"),
    path(f"{SERVICE}/<id:user_id>", OneServiceAccount.as_view(), name="service-account"),
    path(f"{SERVICE}/<id:user_id>/tokens", ServiceTokens.as_view(), name="service-tokens"),
    path(f"{SERVICE}/<id:user_id>/tokens/<id:token_id>", OneServiceToken.as_view(), name="service-token"),
]
