"""Where a user stands: each of their organizations with its log head and the number of unread notifications.

All of it comes from one SQL statement, hence from one snapshot: the counts are exact as of the positions and the
inbox's revision. They stop at COUNTED, so that they cost the same for whoever has a million unread.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from events.cursors import Cursor, joined
from events.digests import GENESIS
from inbox.frames import Counts, Unread
from inbox.models import TO_ALL, UNREAD, Inbox, Notification
from orgs.access import former_short_names, memberships_of_many
from orgs.models import Membership

COUNTED = 1000  # means more than 999


class OrgInbox(NamedTuple):
    org_id: int
    slug: str
    name: str
    role: str
    level: str
    membership_version: int
    position: int
    digest: str
    revision: int = 0
    unread_to_all: int = 0
    unread_own: int = 0

    @property
    def unread(self) -> int:
        return min(self.unread_to_all + self.unread_own, COUNTED)

    @property
    def role_label(self) -> str:
        return str(Membership.Role(self.role).label)

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.org_id, self.position, self.digest[:8])


def org_inboxes(user_id: int | None) -> list[OrgInbox]:
    """The user's organizations, by name. Empty when signed out."""
    return [] if user_id is None else org_inboxes_of([user_id])[user_id]


def org_inboxes_of(user_ids: Collection[int]) -> dict[int, list[OrgInbox]]:
    """user id -> `org_inboxes` of that user, all from one snapshot."""
    rows = memberships_of_many(user_ids).values_list(
        "user_id",
        "organization_id",
        "organization__slug",
        "organization__name",
        "role",
        "level",
        "organization__membership_version",
        Coalesce("organization__log_head__position", 0),
        Coalesce("organization__log_head__digest", Value(GENESIS)),
        Coalesce(Subquery(Inbox.objects.filter(pk=OuterRef("user_id")).values("revision")), 0),
        _unread(TO_ALL),
        _unread(~TO_ALL),
    )
    places: dict[int, list[OrgInbox]] = {user_id: [] for user_id in user_ids}
    for user_id, *place in rows:
        places[user_id].append(OrgInbox(*place))
    return places


def org_inbox_called(slug: str, places: list[OrgInbox]) -> OrgInbox | None:
    """The one whose organization has, or had, this short name."""
    place = next((place for place in places if place.slug == slug), None)
    if place is None and places:
        org_id = former_short_names([slug]).get(slug)
        place = next((place for place in places if place.org_id == org_id), None)
    return place


class _Counted(Subquery):
    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def _unread(which: Q) -> _Counted:
    """As many index entries are read as are counted."""
    unread = Notification.objects.filter(
        which & UNREAD, recipient_id=OuterRef("user_id"), organization_id=OuterRef("organization_id")
    )
    return _Counted(unread.values("event_id")[:COUNTED])


def total_unread(places: list[OrgInbox]) -> int:
    """COUNTED, too, means more than 999."""
    return min(sum(place.unread for place in places), COUNTED)


def counts_of(places: list[OrgInbox]) -> Counts:
    return Counts(
        unread=Unread(total_unread(places), {str(place.org_id): place.unread for place in places}),
        at={str(place.org_id): place.position for place in places},
        revision=revision(places),
    )


def revision(places: list[OrgInbox]) -> int:
    return max((place.revision for place in places), default=0)


def joined_cursors(places: Iterable[OrgInbox]) -> str:
    """The user's cursor: one per organization, with commas."""
    return joined(place.cursor for place in places)


def of_request(request: HttpRequest) -> list[OrgInbox]:
    """The visitor's org_inboxes, read once per request. A page that lists events calls it before it reads its list:
    then nothing falls between the list and the cursor that the page carries."""
    places: list[OrgInbox] | None = getattr(request, "_org_inboxes", None)
    if places is None:
        places = org_inboxes(request.user.pk)
        request._org_inboxes = places  # type: ignore[attr-defined]
    return places
