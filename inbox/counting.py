"""How many notifications a list has, by reason and in all. Counts stop at COUNTED, and cost the same for whoever has a
million."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from django.db import connection

from base.statements import places
from inbox.lanes import LANES, Lane
from inbox.org_inboxes import COUNTED
from inbox.wanted import Wanted

COUNT = """
    SELECT {number}, count(*) FROM (
        SELECT 1 FROM inbox_notification
        WHERE recipient_id = %s AND organization_id IN ({orgs}) AND reason = '{reason}' AND {rows}
        LIMIT {most}
    ) counted"""


class Part(NamedTuple):
    """The rows of some organizations in one lane, of one reason."""

    org_ids: tuple[int, ...]
    lane: Lane
    reason: str


def counts_by_reason(user_id: int, *lists: Wanted) -> list[Mapping[str, int]]:
    """Count for each of the lists what is meant, for whatever reason, by reason. One statement for all of those that
    notifications alone tell, and one more for each that asks of events."""
    parts = {wanted: _parts(wanted) for wanted in lists if not wanted.asks_of_events}
    counted = _counted(user_id, list(dict.fromkeys(chain.from_iterable(parts.values()))))
    return [
        _of_events(user_id, wanted) if wanted.asks_of_events else _by_reason(parts[wanted], counted)
        for wanted in lists
    ]


def total_of(counts: Mapping[str, int], reasons: frozenset[str] | None) -> int:
    """Add up what is there for one of these reasons, or for any."""
    return min(sum(n for code, n in counts.items() if reasons is None or code in reasons), COUNTED)


def _of_events(user_id: int, wanted: Wanted) -> Mapping[str, int]:
    if not wanted.org_ids or not wanted.states:
        return {}
    found = wanted._replace(reasons=None).rows(user_id).order_by("-event_id")
    return Counter(found.values_list("reason", flat=True)[:COUNTED])


def _parts(wanted: Wanted) -> list[Part]:
    if not wanted.org_ids:
        return []
    lanes = [lane for lane in LANES if lane.state in wanted.states]
    return [Part(wanted.org_ids, lane, code) for lane in lanes for code in lane.reasons]


def _by_reason(parts: Iterable[Part], counted: Mapping[Part, int]) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for part in parts:
        counts[part.reason] += counted[part]
    return counts


def _counted(user_id: int, parts: Sequence[Part]) -> Mapping[Part, int]:
    if not parts:
        return {}
    statement = " UNION ALL ".join(
        COUNT.format(
            number=number,
            orgs=places(part.org_ids),
            reason=part.reason,
            rows=part.lane.rows,
            most=COUNTED,
        )
        for number, part in enumerate(parts)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for part in parts for value in (user_id, *part.org_ids)])
        return {parts[number]: count for number, count in cursor.fetchall()}
