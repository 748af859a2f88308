"""Which threads a list shows. A thread is what one person was told about one stream; nothing is stored for it, and it
stands at its newest notification that is meant.

Mostly the threads of a page are among the newest few rows. Where one stream fills these, the threads of many more rows
are gathered; beyond WINDOW rows a page ends early, and the next one goes on from there.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import Max, OuterRef, QuerySet, Subquery

from base.column_values import uuid_for_column, uuid_in_column
from base.statements import places
from events.models import TaskEvent
from inbox.models import IS_UNREAD, Notification
from inbox.newest import NO_LIMIT, Filters, rows_found
from inbox.states import State
from inbox.wanted import Wanted

PAGE = 50
LOOK = 4 * PAGE  # rows that are looked at first
WINDOW = 50_000  # rows that are looked at for one page
CANDIDATES = 40 * PAGE  # threads of the window that are looked at
WOKEN = 20  # threads in the section of what came back from its snooze

Thread = tuple[uuid.UUID, int]  # its stream, and the event of its newest notification that is meant


class Page(NamedTuple):
    """`older`: the event id before which the next page begins; None on the last one."""

    threads: list[Thread]
    older: int | None


def page_of(
    user_id: int,
    wanted: Wanted,
    before: int | None = None,
    *,
    apart: Collection[uuid.UUID] = (),
    limit: int = PAGE,
) -> Page:
    """Find the threads of a page, newest first. `before`: an event id; what stands on the pages before it is left out.
    `apart`: streams that the page shows elsewhere."""
    if not wanted.org_ids or not wanted.states:
        return Page([], None)
    found, rows = _newest(user_id, wanted, before)
    threads = _left(user_id, wanted, found, before, apart)
    if rows < LOOK or len(threads) > limit:
        return _cut(threads, limit, None)
    return _gathered(user_id, wanted, before, apart, limit)


def woken(user_id: int, wanted: Wanted) -> list[uuid.UUID]:
    """List the streams that have something which came back from its snooze and was not touched since, latest first."""
    if State.UNREAD not in wanted.states or not wanted.org_ids:
        return []
    if wanted.within() == wanted:
        return _woken_within(user_id, wanted)
    rows = wanted.rows(user_id).filter(IS_UNREAD, snoozed_until__isnull=False)
    found = rows.order_by("-snoozed_until", "-event_id").values_list("event__stream_id", flat=True)
    return list(dict.fromkeys(found[:LOOK]))[:WOKEN]


WOKEN_WITHIN = """
SELECT event.stream_id FROM inbox_notification note JOIN events_taskevent event ON event.id = note.event_id
WHERE note.recipient_id = %s AND note.state = 0 AND note.snoozed_until IS NOT NULL AND {condition}
ORDER BY note.snoozed_until DESC, note.event_id DESC LIMIT {look}"""


def _woken_within(user_id: int, wanted: Wanted) -> list[uuid.UUID]:
    condition, parameters = wanted.condition()
    with connection.cursor() as cursor:
        cursor.execute(WOKEN_WITHIN.format(condition=condition, look=LOOK), [user_id, *parameters])
        streams = dict.fromkeys(stream_id for (stream_id,) in cursor.fetchall())
    return [uuid_in_column(stream_id) for stream_id in streams][:WOKEN]


def newest_of(user_id: int, wanted: Wanted, streams: Sequence[uuid.UUID]) -> list[Thread]:
    """Find these streams' threads, of which each is meant as a whole, in the order given."""
    if not streams:
        return []
    condition, parameters = wanted.condition()
    statement = NEWEST_OF.format(condition=condition, streams=places(streams))
    with connection.cursor() as cursor:
        cursor.execute(statement, [user_id, *parameters, *map(uuid_for_column, streams)])
        found = {uuid_in_column(stream_id): event_id for stream_id, event_id in cursor.fetchall()}
    return [(stream_id, found[stream_id]) for stream_id in streams if stream_id in found]


NEWEST_OF = """
SELECT event.stream_id, max(note.event_id)
FROM events_taskevent event JOIN inbox_notification note ON note.event_id = event.id AND note.recipient_id = %s
WHERE {condition} AND event.stream_id IN ({streams}) GROUP BY event.stream_id"""


def _newest(user_id: int, wanted: Wanted, before: int | None) -> tuple[list[Thread], int]:
    """Find the threads of the newest rows, and how many rows these are: by the key and the lanes where they alone tell
    which are meant."""
    if wanted.asks_of_events:
        rows = list(_before(user_id, wanted, before).order_by("-event_id").values_list(*THREAD)[:LOOK])
        return _distinct(rows), len(rows)
    filters = Filters(wanted.org_ids, wanted.reasons, wanted.states, before)
    found = rows_found(
        user_id,
        filters,
        LOOK,
        THREADS,
        lambda threads, most: sum(rows for *_, rows, _ in threads) >= LOOK or threads[0][3] < most,
    )
    return [(uuid_in_column(row[0]), row[1]) for row in found], sum(row[2] for row in found)


THREAD = ("event__stream_id", "event_id")
THREADS = """
SELECT event.stream_id, max(found.event_id), count(*), max(found.looked_at)
FROM found JOIN events_taskevent event ON event.id = found.event_id
GROUP BY event.stream_id ORDER BY 2 DESC"""


def _before(user_id: int, wanted: Wanted, before: int | None) -> QuerySet[Notification]:
    rows = wanted.rows(user_id)
    return rows.filter(event_id__lt=before) if before else rows


def _gathered(
    user_id: int, wanted: Wanted, before: int | None, apart: Collection[uuid.UUID], limit: int
) -> Page:
    floor = _floor(user_id, before)
    if wanted.within() == wanted:
        found = _gathered_within(user_id, wanted, floor, before)
    else:
        rows = _before(user_id, wanted, before).filter(event_id__gte=floor).order_by()
        grouped = rows.values("event__stream_id").annotate(newest=Max("event_id")).order_by("-newest")
        found = list(grouped.values_list("event__stream_id", "newest")[:CANDIDATES])
    goes_on_at = found[-1][1] if len(found) == CANDIDATES else floor
    return _cut(_left(user_id, wanted, found, before, apart), limit, goes_on_at or None)


GATHERED = """
SELECT event.stream_id, max(note.event_id)
FROM inbox_notification note JOIN events_taskevent event ON event.id = note.event_id
WHERE note.recipient_id = %s AND note.event_id >= %s AND note.event_id < %s AND {condition}
GROUP BY event.stream_id ORDER BY 2 DESC LIMIT {most}"""


def _gathered_within(user_id: int, wanted: Wanted, floor: int, before: int | None) -> list[Thread]:
    condition, parameters = wanted.condition()
    with connection.cursor() as cursor:
        statement = GATHERED.format(condition=condition, most=CANDIDATES)
        cursor.execute(statement, [user_id, floor, before or NO_LIMIT, *parameters])
        return [(uuid_in_column(stream_id), event_id) for stream_id, event_id in cursor.fetchall()]


FLOOR = """
SELECT event_id FROM inbox_notification WHERE recipient_id = %s AND event_id < %s
ORDER BY event_id DESC LIMIT 1 OFFSET %s"""


def _floor(user_id: int, before: int | None) -> int:
    """Find the event of the last row that is looked at; 0 where there are not so many."""
    with connection.cursor() as cursor:
        cursor.execute(FLOOR, [user_id, before or NO_LIMIT, WINDOW - 1])
        found = cursor.fetchone()
    return found[0] if found else 0


def _left(
    user_id: int, wanted: Wanted, threads: Sequence[Thread], before: int | None, apart: Collection[uuid.UUID]
) -> list[Thread]:
    """Leave out what is shown elsewhere, and what stands on a page before."""
    left_out = {*apart, *(_shown_before(user_id, wanted, threads, before) if before else ())}
    return [thread for thread in threads if thread[0] not in left_out]


def _shown_before(
    user_id: int, wanted: Wanted, threads: Iterable[Thread], before: int
) -> Iterable[uuid.UUID]:
    newer = wanted.within().rows(user_id).filter(event__stream_id=OuterRef("stream_id"), event_id__gte=before)
    one = Subquery(
        newer.order_by("-event__version").values("event_id")[:1]
    )  # from the newest on: it is soon found
    streams = TaskEvent.objects.filter(stream_id__in=[stream_id for stream_id, _ in threads], version=1)
    return streams.annotate(one=one).exclude(one=None).order_by().values_list("stream_id", flat=True)


def _distinct(rows: Iterable[Thread]) -> list[Thread]:
    """Keep the first row of each stream."""
    found: dict[uuid.UUID, int] = {}
    for stream_id, event_id in rows:
        found.setdefault(stream_id, event_id)
    return list(found.items())


def _cut(threads: list[Thread], limit: int, goes_on_at: int | None) -> Page:
    if len(threads) > limit:
        return Page(threads[:limit], threads[limit - 1][1])
    return Page(threads, goes_on_at)
