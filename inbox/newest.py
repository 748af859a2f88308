"""Which notifications a list shows: the newest that fit its filters, found at the same cost among a hundred and among a
million.

Mostly they are among the newest that there are, which the table's key gives in order. Where they are rare, each lane
is asked: the rows of one organization, one reason and one state. They stand in order in an index.
"""

from typing import NamedTuple

from django.db import connection

from inbox.lanes import LANES
from inbox.models import Notification
from inbox.states import INBOX, State

LOOK = 4  # times as many rows are looked at as are wanted, before the lanes are asked


class Filters(NamedTuple):
    """`reasons`: None for any; `before` is an event id."""

    org_ids: tuple[int, ...]
    reasons: frozenset[str] | None = None
    states: frozenset[State] = INBOX
    before: int | None = None

    def takes(self, reason: str) -> bool:
        return self.reasons is None or reason in self.reasons


def newest(user_id: int, filters: Filters, limit: int) -> list[int]:
    """List the ids of their events, newest first, as many as `limit` at most."""
    mine = Notification.objects.filter(recipient_id=user_id)
    if filters.before:
        mine = mine.filter(event_id__lt=filters.before)
    rows = mine.order_by("-event_id").values_list("event_id", "organization_id", "reason", "state")
    looked_at = list(rows[: LOOK * limit])
    found = [
        event_id
        for event_id, org_id, reason, state in looked_at
        if org_id in filters.org_ids and filters.takes(reason) and state in filters.states
    ]
    if len(found) >= limit or len(looked_at) < LOOK * limit or not filters.org_ids:
        return found[:limit]
    return _of_lanes(user_id, filters, limit)


# The edge: one lane alone has as many newer rows as are wanted, so nothing older is in the list.
EDGE = """
    SELECT (
        SELECT event_id FROM inbox_notification
        WHERE recipient_id = %s AND organization_id = asked.id AND reason = {reason} AND {rows} AND event_id < %s
        ORDER BY event_id DESC LIMIT 1 OFFSET %s
    ) AS event_id FROM asked"""
ROWS = """
    SELECT event_id FROM inbox_notification
    WHERE recipient_id = %s AND organization_id IN ({asked}) AND reason IN ({reasons}) AND {rows} AND event_id < %s
        AND event_id >= (SELECT event_id FROM edge)"""
STATEMENT = """
WITH asked(id) AS (VALUES {asked}),
edge(event_id) AS (SELECT COALESCE(max(event_id), 0) FROM ({edges}) edges)
{rows} ORDER BY event_id DESC LIMIT %s"""
NO_LIMIT = 2**63 - 1


def _of_lanes(user_id: int, filters: Filters, limit: int) -> list[int]:
    if not any(lane.state in filters.states and any(map(filters.takes, lane.reasons)) for lane in LANES):
        return []
    statement, parameters = _statement(user_id, filters, limit)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [event_id for (event_id,) in cursor.fetchall()]


def _statement(user_id: int, filters: Filters, limit: int) -> tuple[str, list[int]]:
    """Build it with its parameters: reasons are words of ours and stand in it; every value that is not is a
    parameter."""
    before = filters.before or NO_LIMIT
    asked_of = [
        (lane.rows, codes)
        for lane in LANES
        if lane.state in filters.states
        if (codes := [f"'{code}'" for code in lane.reasons if filters.takes(code)])
    ]
    edges = [EDGE.format(rows=rows, reason=code) for rows, codes in asked_of for code in codes]
    asked = ", ".join(["%s"] * len(filters.org_ids))
    rows = [ROWS.format(rows=rows, reasons=", ".join(codes), asked=asked) for rows, codes in asked_of]
    statement = STATEMENT.format(
        asked=", ".join(["(%s)"] * len(filters.org_ids)),
        edges=" UNION ALL ".join(edges),
        rows=" UNION ALL ".join(rows),
    )
    of_edges = [user_id, before, limit - 1] * len(edges)
    of_rows = [user_id, *filters.org_ids, before] * len(rows)
    return statement, [*filters.org_ids, *of_edges, *of_rows, limit]
