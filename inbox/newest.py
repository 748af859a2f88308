"""Which notifications a list shows: the newest that fit its filters, found at the same cost among a hundred and among a
million.

Mostly they are among the newest that there are, which the table's key gives in order. Where they are rare, each lane
is asked: the rows of one organization, one reason and one state. They stand in order in an index.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from base.statements import places
from inbox.lanes import LANES
from inbox.reasons import reasons
from inbox.states import INBOX, State

Row = tuple[Any, ...]
IsEnough = Callable[
    [list[Row], int], bool
]  # of the rows, and how many were looked at where there may be more
LOOK = 4  # times as many rows are looked at as are wanted, before the lanes are asked


class Filters(NamedTuple):
    """`reasons`: None for any; `before` is an event id."""

    org_ids: tuple[int, ...]
    reasons: frozenset[str] | None = None
    states: frozenset[State] = INBOX
    before: int | None = None

    def takes(self, reason: str) -> bool:
        return self.reasons is None or reason in self.reasons


class Found(NamedTuple):
    """A part of a statement, `found(event_id, state, looked_at)`: newest first, with how many rows were looked at. Of
    the lanes nothing is left out, and no number is given."""

    sql: str
    parameters: list[Any]


def rows_found(
    user_id: int, filters: Filters, limit: int, select: str, is_enough: IsEnough, *parameters: Any
) -> list[Row]:
    """Read what a statement, with its parameters, selects of `found`, where it has as many rows as `limit` at most: of
    the newest rows, and where these are not enough, of the lanes."""
    if not filters.org_ids or not filters.states:
        return []
    rows = _read(_among_the_newest(user_id, filters, limit), select, parameters)
    if rows and is_enough(rows, LOOK * limit):
        return rows
    asked = any(lane.state in filters.states and any(map(filters.takes, lane.reasons)) for lane in LANES)
    return _read(_in_lanes(user_id, filters, limit), select, parameters) if asked else []


def newest(user_id: int, filters: Filters, limit: int) -> list[int]:
    """List the ids of their events, newest first, as many as `limit` at most."""
    rows = rows_found(
        user_id,
        filters,
        limit,
        "SELECT event_id, looked_at FROM found ORDER BY event_id DESC",
        lambda rows, most: len(rows) >= limit or rows[0][1] < most,
    )
    return [event_id for event_id, _ in rows]


def _read(found: Found, select: str, parameters: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {found.sql} {select}", [*found.parameters, *parameters])
        rows: list[Row] = cursor.fetchall()
    return rows


AMONG_THE_NEWEST = """
looked_at AS (
    SELECT event_id, organization_id, reason, state FROM inbox_notification
    WHERE recipient_id = %s AND event_id < %s ORDER BY event_id DESC LIMIT %s
),
found AS (
    SELECT event_id, state, (SELECT count(*) FROM looked_at) AS looked_at FROM looked_at
    WHERE organization_id IN ({orgs}) AND state IN ({states}) AND {reasons} ORDER BY event_id DESC LIMIT %s
)"""


def _among_the_newest(user_id: int, filters: Filters, limit: int) -> Found:
    codes = [f"'{code}'" for code in reasons() if filters.takes(code)]
    statement = AMONG_THE_NEWEST.format(
        orgs=places(filters.org_ids),
        states=", ".join(str(state.value) for state in sorted(filters.states)),
        reasons="1 = 1" if filters.reasons is None else f"reason IN ({', '.join(codes) or 'NULL'})",
    )
    return Found(statement, [user_id, filters.before or NO_LIMIT, LOOK * limit, *filters.org_ids, limit])


# The edge: one lane alone has as many newer rows as are wanted, so nothing older is in the list.
EDGE = """
    SELECT (
        SELECT event_id FROM inbox_notification
        WHERE recipient_id = %s AND organization_id = asked.id AND reason = {reason} AND {rows} AND event_id < %s
        ORDER BY event_id DESC LIMIT 1 OFFSET %s
    ) AS event_id FROM asked"""
ROWS = """
    SELECT event_id, {state} AS state, 0 AS looked_at FROM inbox_notification
    WHERE recipient_id = %s AND organization_id IN ({asked}) AND reason IN ({reasons}) AND {rows} AND event_id < %s
        AND event_id >= (SELECT event_id FROM edge)"""
STATEMENT = """
asked(id) AS (VALUES {asked}),
edge(event_id) AS (SELECT COALESCE(max(event_id), 0) FROM ({edges}) edges),
found AS ({rows} ORDER BY event_id DESC LIMIT %s)"""
NO_LIMIT = 2**63 - 1


def _in_lanes(user_id: int, filters: Filters, limit: int) -> Found:
    """Write it with its parameters: reasons are words of ours and stand in it; every value that is not is a
    parameter."""
    before = filters.before or NO_LIMIT
    asked_of = [
        (lane, codes)
        for lane in LANES
        if lane.state in filters.states
        if (codes := [f"'{code}'" for code in lane.reasons if filters.takes(code)])
    ]
    edges = [EDGE.format(rows=lane.rows, reason=code) for lane, codes in asked_of for code in codes]
    orgs = places(filters.org_ids)
    rows = [
        ROWS.format(rows=lane.rows, reasons=", ".join(codes), asked=orgs, state=lane.state.value)
        for lane, codes in asked_of
    ]
    statement = STATEMENT.format(
        asked=", ".join(["(%s)"] * len(filters.org_ids)),
        edges=" UNION ALL ".join(edges),
        rows=" UNION ALL ".join(rows),
    )
    of_edges = [user_id, before, limit - 1] * len(edges)
    of_rows = [user_id, *filters.org_ids, before] * len(rows)
    return Found(statement, [*filters.org_ids, *of_edges, *of_rows, limit])
