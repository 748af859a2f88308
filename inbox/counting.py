"""How many notifications a list has, by reason and in all. Counts stop at COUNTED, and cost the same for whoever has a
million."""

from collections import Counter
from collections.abc import Mapping

from django.db import connection

from inbox.lanes import LANES, Lane
from inbox.org_inboxes import COUNTED
from inbox.states import State
from inbox.wanted import Wanted

COUNT = """
    SELECT '{reason}' AS reason, count(*) FROM (
        SELECT 1 FROM inbox_notification
        WHERE recipient_id = %s AND organization_id IN ({orgs}) AND reason = '{reason}' AND {rows}
        LIMIT {most}
    ) counted"""


def counts_by_reason(user_id: int, wanted: Wanted) -> Mapping[str, int]:
    """Count what is meant, for whatever reason, by reason."""
    everything = wanted._replace(reasons=None)
    if not wanted.org_ids or not wanted.states:
        return {}
    if everything.asks_of_events:
        found = everything.rows(user_id).order_by("-event_id").values_list("reason", flat=True)
        return Counter(found[:COUNTED])
    lanes = [(lane, code) for lane in LANES if lane.state in wanted.states for code in lane.reasons]
    return _of_lanes(user_id, wanted.org_ids, lanes)


def count_of(user_id: int, wanted: Wanted, states: frozenset[State]) -> int:
    """Count what is meant and in one of these states."""
    asked = wanted._replace(states=wanted.states & states)
    counts = counts_by_reason(user_id, asked)
    return min(
        sum(n for code, n in counts.items() if asked.reasons is None or code in asked.reasons), COUNTED
    )


def _of_lanes(user_id: int, org_ids: tuple[int, ...], lanes: list[tuple[Lane, str]]) -> Counter[str]:
    orgs = ", ".join(["%s"] * len(org_ids))
    statement = " UNION ALL ".join(
        COUNT.format(reason=code, rows=lane.rows, orgs=orgs, most=COUNTED) for lane, code in lanes
    )
    counts: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(statement, [user_id, *org_ids] * len(lanes))
        for code, count in cursor.fetchall():
            counts[code] += count
    return counts
