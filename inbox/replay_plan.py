"""Which part of the logs a reader gets who comes back, by their cursor. Pure: the caller reads the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

from events.cursors import Cursor, parse_many
from events.digests import GENESIS

if TYPE_CHECKING:
    from inbox.org_inboxes import OrgInbox

LATEST = 10  # without a usable cursor
RESUME_LIMIT = 500  # beyond it, reloading a list is cheaper for everybody

Points = Mapping[tuple[int, int], tuple[int, str]]  # (organization id, position) -> event id, digest


class Ask(NamedTuple):
    """A reader who comes back. `whole`: to every event of one organization's log, which is then the only place;
    otherwise to what is addressed to them."""

    user_id: int
    places: Sequence[OrgInbox]
    after: str | None
    whole: bool


class Span(NamedTuple):
    """The events of one log beyond the first up to and including the last, by position and by id."""

    org_id: int
    after: int
    upto: int
    after_id: int
    upto_id: int

    def holds(self, event_id: int) -> bool:
        return self.after_id < event_id <= self.upto_id


class Plan(NamedTuple):
    """`missed` is None where the number is not known: in another history, and in a `resume` before it is read.
    `newest`: of these spans only the newest few that are addressed to the user."""

    mode: str
    missed: int | None
    spans: list[Span]
    newest: bool = False

    @property
    def may_be_too_far(self) -> bool:
        """Whether more may have been missed than is replayed. No log that is resumed as a whole is too far."""
        return not self.newest and sum(span.upto - span.after for span in self.spans) > RESUME_LIMIT

    def not_older_than(self, event_id: int) -> Self:
        """Leave out what is older than the event."""
        spans = [span._replace(after_id=max(span.after_id, event_id - 1)) for span in self.spans]
        return self._replace(spans=spans) if self.newest else self


def points_of(ask: Ask) -> Iterable[tuple[int, int]]:
    """Yield the (organization id, position) pairs that `plan_for` looks up, but for the beginnings of logs."""
    cursors = parse_many(ask.after or "")
    for place in ask.places:
        yield place.org_id, place.position
        if ask.whole:
            yield place.org_id, _before_latest(place)
        cursor = cursors.get(place.org_id)
        if cursor and cursor.position < place.position:
            yield place.org_id, cursor.position


def is_held(ask: Ask, points: Points, revisions: Mapping[int, int]) -> bool:
    """Say whether a replica, where these points and revisions were read, is known to have all that the places tell of:
    each log's head, in this very history, and the inbox's revision. Of whom they tell nothing, nothing is known."""
    heads = [place for place in ask.places if place.position]
    revision = max((place.revision for place in ask.places), default=0)
    return (
        bool(heads or revision)
        and all(_point(place.org_id, place.position, points)[1] == place.digest for place in heads)
        and revisions.get(ask.user_id, 0) >= revision
    )


def plan_for(ask: Ask, points: Points) -> Plan:
    if ask.whole:
        return _of_a_log(ask.places[0], ask.after, points)
    return _of_a_user(ask.places, ask.after, points)


def plan_for_count(ask: Ask, plan: Plan, count: int, points: Points) -> Plan:
    """Keep the plan, or reset: now it is known how many rows it would be."""
    if count <= RESUME_LIMIT:
        return plan
    return plan_for(ask._replace(after=None), points)._replace(mode="reset", missed=count)


def starts_of(ask: Ask, plan: Plan) -> dict[int, Cursor]:
    """Say where a reader who resumes stands in each log. One that their cursor does not name is all new."""
    if plan.newest or plan.mode != "resume":
        return {}
    beginnings = {place.org_id: Cursor(place.org_id, 0, GENESIS[:8]) for place in ask.places}
    return beginnings | parse_many(ask.after or "")


def just_before(ask: Ask, plan: Plan, got: Iterable[Cursor]) -> Iterable[tuple[int, int]]:
    """Yield the (organization id, position) pairs just before the first of the newest few in each log, where there are
    several: until then their reader stands there."""
    if plan.newest and len(ask.places) > 1:
        first = {cursor.org_id: cursor.position for cursor in reversed(list(got))}
        yield from ((org_id, position - 1) for org_id, position in first.items() if position > 1)


def _of_a_log(place: OrgInbox, after: str | None, points: Points) -> Plan:
    latest = [_span(place, _before_latest(place), points)]
    if after is None:
        return Plan("latest", 0, latest)
    cursor = parse_many(after).get(place.org_id)  # of a user's whole cursor, too
    if cursor is None or not _is_known(cursor, place, points):
        return Plan("reset", None, latest)
    missed = place.position - cursor.position
    if missed > RESUME_LIMIT:
        return Plan("reset", missed, latest)
    return Plan("resume", missed, [_span(place, cursor.position, points)])


def _of_a_user(places: Sequence[OrgInbox], after: str | None, points: Points) -> Plan:
    """Plan for what is addressed to a user. Organizations that the cursor does not name were joined meanwhile: all of
    their logs is new."""
    whole = [_span(place, 0, points) for place in places]
    if after is None:
        return Plan("latest", 0, whole, newest=True)
    cursors = parse_many(after)
    known = all(
        _is_known(cursors[place.org_id], place, points) for place in places if place.org_id in cursors
    )
    if not known or (places and not cursors):
        return Plan("reset", None, whole, newest=True)
    since = {org_id: cursor.position for org_id, cursor in cursors.items()}
    return Plan("resume", None, [_span(place, since.get(place.org_id, 0), points) for place in places])


def _span(place: OrgInbox, after: int, points: Points) -> Span:
    ids = [_point(place.org_id, position, points)[0] for position in (after, place.position)]
    return Span(place.org_id, after, place.position, *ids)


def _is_known(cursor: Cursor, place: OrgInbox, points: Points) -> bool:
    """Say whether it is of this log and this history, and not ahead of what was read."""
    if cursor.org_id != place.org_id or cursor.position > place.position:
        return False
    return _point(cursor.org_id, cursor.position, points)[1].startswith(cursor.check)


def _point(org_id: int, position: int, points: Points) -> tuple[int, str]:
    """Look up the id and the digest there. No event and no digest where the log was emptied between two reads: somebody
    restores a backup."""
    return points.get((org_id, position), (0, "")) if position else (0, GENESIS)


def _before_latest(place: OrgInbox) -> int:
    return max(0, place.position - LATEST)
