"""What the bell shows: the newest threads of an inbox, one row for each, with what is unread among the newest rows. How
much it looks at is bounded, whatever there is."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from msgspec import Struct

from base.templatetags.times import Time
from inbox.listing import Row, names_for, rows_of
from inbox.newest import Filters, rows_found
from inbox.org_inboxes import OrgInbox
from inbox.row_events import news_in, reading
from inbox.states import INBOX, State

ROWS = 10
LOOK = 200  # notifications that are looked at for their threads


class BellRow(Struct, frozen=True):
    """Plain values alone. The newest notification stands for all of its stream."""

    stream_id: str = ""
    event_id: int = 0
    org_id: int = 0
    key: str = ""
    title: str = ""
    url: str = ""
    said: str = ""
    time: Time | None = None
    actor_id: int = 0
    actor: str = ""
    picture: str = ""
    known: tuple[int, ...] = ()  # events looked at, newest first
    unread: tuple[int, ...] = ()  # those of them that are unread


BLANK = BellRow()  # what the scripts make new rows of


def bell_rows(user_id: int, places: Iterable[OrgInbox], *, unread: bool = False) -> list[BellRow]:
    """List the newest threads of the user's inbox, or those with something unread, ROWS at most."""
    filters = Filters(
        tuple(place.org_id for place in places), states=frozenset({State.UNREAD}) if unread else INBOX
    )
    news = news_in(rows_found(user_id, filters, LOOK, _statement(), _is_enough, user_id))
    rows = rows_of(news, user_id, names_for(news))
    return [_bell_row(row, each.more) for row, each in zip(rows, news, strict=True)]


# Each thread with what of it was looked at: how many rows in all, and `12:0 11:1 ...`, its events and their states.
THREADS = """,
threads AS (
    SELECT max(found.event_id) AS newest, max(found.looked_at) AS looked_at,
        {gathered}(CAST(found.event_id AS text) || ':' || CAST(found.state AS text), ' ') AS events
    FROM found JOIN events_taskevent event ON event.id = found.event_id
    GROUP BY event.stream_id ORDER BY 1 DESC LIMIT {rows}
)"""
NOTES = "threads JOIN inbox_notification note ON note.recipient_id = %s AND note.event_id = threads.newest"


@cache
def _statement() -> str:
    """Write what the bell selects of what is found. To be asked once all apps are ready."""
    gathered = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    threads = THREADS.format(gathered=gathered, rows=ROWS)
    return threads + reading(NOTES, "CAST(threads.looked_at AS text) || ' ' || threads.events")


def _is_enough(rows: Sequence[tuple[Any, ...]], most: int) -> bool:
    news = news_in(rows)
    return len(news) >= ROWS or int(news[0].more.partition(" ")[0]) < most


def _bell_row(row: Row, looked_at: str) -> BellRow:
    pairs = (event.split(":") for event in looked_at.split()[1:])
    states = dict(sorted(((int(event_id), int(state)) for event_id, state in pairs), reverse=True))
    return BellRow(
        stream_id=row.stream_id,
        event_id=row.event_id,
        org_id=row.org_id,
        key=row.key,
        title=row.title,
        url=row.url,
        said=row.said,
        time=row.time,
        actor_id=row.actor_id,
        actor=row.actor,
        picture=row.picture,
        known=tuple(states),
        unread=tuple(event_id for event_id, state in states.items() if state == State.UNREAD),
    )
