"""The organizations of whoever asks, where they stand in each, and what each tells them."""

from typing import Annotated, Literal

import msgspec
from dmr.routing import path

from api.controllers import Resource, operation
from api.paging import AfterId, Page, cut
from api.parsing import Body, Path, Query, Strict
from base.errors import NotFound
from inbox.frames import StateCounts
from inbox.org_inboxes import OrgInbox, counts_by_state, org_inbox_called, org_inboxes
from membership import services
from orgs.access import membership_in
from tokens.scopes import INBOX, READ

Level = Literal["all", "participating", "mine", "watched", "muted"]
Role = Literal["owner", "admin", "member", "viewer"]


class Org(msgspec.Struct, kw_only=True):
    """An organization as its member sees it. `cursor` is where its log ends: what was read together with this comes
    before it, and what follows comes after it. Numbers of notifications stop at 1,000, which means more."""

    id: int
    slug: str
    name: str
    role: Role
    level: Level
    unread: int
    counts: StateCounts
    cursor: str


class OrgPath(Strict):
    slug: Annotated[
        str,
        msgspec.Meta(
            pattern="^[-a-zA-Z0-9_]+$", description="An organization's short name, or one that it had."
        ),
    ]


class LevelChoice(Strict):
    """Of what the organization tells you: all, participating (what concerns you), mine, watched, or muted (mentions
    and assignments)."""

    level: Level


def org_of(place: OrgInbox) -> Org:
    return Org(
        id=place.org_id,
        slug=place.slug,
        name=place.name,
        role=place.role,  # type: ignore[arg-type]
        level=place.level,  # type: ignore[arg-type]
        unread=place.unread,
        counts=counts_by_state([place]),
        cursor=str(place.cursor),
    )


def org_called(slug: str, user_id: int) -> Org:
    """Read one of the user's. Raises NotFound."""
    place = org_inbox_called(slug, org_inboxes(user_id, by_state=True))
    if place is None:
        raise NotFound
    return org_of(place)


class Orgs(Resource):
    scope = READ

    @operation("listOrganizations")
    def get(self, parsed_query: Query[AfterId]) -> Page[Org]:
        """List your organizations."""
        asked, places = parsed_query, org_inboxes(self.request.user.pk, by_state=True)
        places = sorted(place for place in places if place.org_id > (asked.after or 0))
        found, more = cut(places, asked.limit)
        following = self.link_next(after=found[-1].org_id) if more else None
        return Page(items=[org_of(place) for place in found], next=following)


class OneOrg(Resource):
    scope = READ

    @operation("getOrganization")
    def get(self, parsed_path: Path[OrgPath]) -> Org:
        """Show an organization of yours."""
        return org_called(parsed_path.slug, self.request.user.pk)


class OrgLevel(Resource):
    scope = INBOX

    @operation("setLevel")
    def put(self, parsed_path: Path[OrgPath], parsed_body: Body[LevelChoice]) -> Org:
        """Choose of what the organization tells you."""
        membership = membership_in(parsed_path.slug, self.request.user.pk)
        services.change_level(membership=membership, level=parsed_body.level)
        return org_called(membership.organization.slug, self.request.user.pk)


routes = [
    path("orgs", Orgs.as_view(), name="orgs"),
    path("orgs/<slug:slug>", OneOrg.as_view(), name="org"),
    path("orgs/<slug:slug>/level", OrgLevel.as_view(), name="level"),
]
