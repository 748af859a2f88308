"""Where a user stands: each of their organizations with its log head and the numbers of notifications, by state.

All of it comes from one SQL statement, hence from one snapshot: the counts are exact as of the positions and the
inbox's revision. They stop at COUNTED, so that they cost the same for whoever has a million unread.
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from base.compiled import Compiled, Parameter
from events.cursors import Cursor, joined
from events.digests import GENESIS
from inbox.frames import Counts, StateCounts, Unread
from inbox.lanes import HANDLED_LANES, LANES, UNREAD_LANES, Lane
from inbox.models import Inbox
from inbox.toast_switches import toast_switches
from orgs.access import all_memberships_of, former_short_names, memberships_of_many
from orgs.limited import is_within_reach
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
    handled: tuple[int, ...] = ()  # how many are in each of HANDLED_LANES, where that was asked
    toasts: str = ""  # their switches, as `inbox.toast_switches` reads them, where that was asked

    @property
    def unread(self) -> int:
        return min(self.unread_to_all + self.unread_own, COUNTED)

    @property
    def role_label(self) -> str:
        return str(Membership.Role(self.role).label)

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.org_id, self.position, self.digest[:8])


def org_inboxes(user_id: int | None, *, by_state: bool = False) -> list[OrgInbox]:
    """List the user's organizations within reach, by name. Empty when signed out. `by_state`: with counts of all
    states."""
    rows = _OF_ONE[by_state].rows(user_id=user_id) if user_id else []
    places = (_org_inbox(*place)._replace(toasts=toasts or "") for _, *place, toasts in rows)
    return [place for place in places if is_within_reach(place.org_id)]


def org_inboxes_of(user_ids: Collection[int], *, by_state: bool = False) -> dict[int, list[OrgInbox]]:
    """Read user id -> `org_inboxes` of that user, all from one snapshot."""
    places: dict[int, list[OrgInbox]] = {user_id: [] for user_id in user_ids}
    for user_id, *place in _standing(memberships_of_many(user_ids), LANES if by_state else UNREAD_LANES):
        places[user_id].append(_org_inbox(*place))
    return places


def _standing(memberships: QuerySet[Membership], lanes: Iterable[Lane], *more: RawSQL) -> QuerySet[Any, Any]:
    return memberships.values_list(
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
        *(_counted(lane) for lane in lanes),
        *more,
    )


def _of_one(lanes: Iterable[Lane]) -> Compiled:
    """Build the statement for one user. It is that of pages, which are to know what toasts."""
    user_id = Parameter("user_id", BigIntegerField())
    return Compiled(lambda: _standing(all_memberships_of(user_id), lanes, toast_switches()))


_OF_ONE = {False: _of_one(UNREAD_LANES), True: _of_one(LANES)}


def _org_inbox(*columns: Any) -> OrgInbox:
    return OrgInbox._make([*columns[:COLUMNS], columns[COLUMNS:], ""])


COLUMNS = OrgInbox._fields.index("handled")


def org_inbox_called(slug: str, places: list[OrgInbox]) -> OrgInbox | None:
    """Find the one whose organization has, or had, this short name; None where there is none."""
    place = next((place for place in places if place.slug == slug), None)
    if place is None and places:
        org_id = former_short_names([slug]).get(slug)
        place = next((place for place in places if place.org_id == org_id), None)
    return place


def within(places: list[OrgInbox], slug: str) -> list[OrgInbox]:
    """Keep the one whose organization has, or had, this short name; all without a name, none where there is no such
    one."""
    if not slug:
        return places
    place = org_inbox_called(slug, places)
    return [place] if place else []


def _counted(lane: Lane) -> RawSQL:
    """Count the lane's rows, up to COUNTED: as many index entries are read as are counted."""
    return RawSQL(COUNT.format(rows=lane.rows, most=COUNTED), [], IntegerField())  # noqa: S611 - words of ours alone


COUNT = """
    SELECT count(*) FROM (
        SELECT 1 FROM inbox_notification
        WHERE recipient_id = orgs_membership.user_id
            AND inbox_notification.organization_id = orgs_membership.organization_id AND {rows}
        LIMIT {most}
    ) counted"""


def total_unread(places: list[OrgInbox]) -> int:
    """Add up what is unread, to COUNTED at most: that, too, means more than 999."""
    return min(sum(place.unread for place in places), COUNTED)


def counts_of(places: list[OrgInbox]) -> Counts:
    return Counts(
        unread=Unread(total_unread(places), {str(place.org_id): place.unread for place in places}),
        at={str(place.org_id): place.position for place in places},
        revision=revision(places),
    )


def counts_by_state(places: list[OrgInbox]) -> StateCounts:
    """Count the notifications in each state. The places were read `by_state`."""
    columns = zip(*(place.handled for place in places), strict=True) if places else [()] * len(HANDLED_LANES)
    handled = {
        lane.state.word: min(sum(column), COUNTED)
        for lane, column in zip(HANDLED_LANES, columns, strict=True)
    }
    return StateCounts(unread=total_unread(places), **handled)


def revision(places: list[OrgInbox]) -> int:
    return max((place.revision for place in places), default=0)


def joined_cursors(places: Iterable[OrgInbox]) -> str:
    """Write the user's cursor: one per organization, with commas."""
    return joined(place.cursor for place in places)


def read_again(request: HttpRequest) -> None:
    """Read the visitor's org_inboxes anew, for a request that has made a mark itself. A list read before it may know
    less than they now do."""
    request._org_inboxes = org_inboxes(request.user.pk)  # type: ignore[attr-defined]


def of_request(request: HttpRequest) -> list[OrgInbox]:
    """Read the visitor's org_inboxes, once per request. A page that lists events calls it before it reads its list:
    then nothing falls between the list and the cursor that the page carries."""
    places: list[OrgInbox] | None = getattr(request, "_org_inboxes", None)
    if places is None:
        places = org_inboxes(request.user.pk)
        request._org_inboxes = places  # type: ignore[attr-defined]
    return places


def with_states(request: HttpRequest) -> list[OrgInbox]:
    """Do what `of_request` does, with counts of all states; called before it, both are one."""
    places = org_inboxes(request.user.pk, by_state=True)
    request._org_inboxes = places  # type: ignore[attr-defined]
    return places
