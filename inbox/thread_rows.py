"""A thread as a row of the list: who did what, how much of it is new, and why its reader was told; and what lies
underneath, which is never merged away."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.dateformat import format as formatted
from msgspec import Struct

from base.column_values import moment_in_column, uuid_for_column
from base.templatetags.times import Time
from events.models import TaskEvent
from events.telling import Names
from inbox.bursts import who_and_how_many
from inbox.listing import Row, names_for, rows_of
from inbox.reasons import label_in, strength
from inbox.row_events import row_news
from inbox.states import State
from inbox.threads import Thread
from inbox.wanted import Wanted

COUNTED = 100  # notifications of a thread; more are 99+
PARTS = 20  # that are shown at a time


class Told(NamedTuple):
    """One notification of a thread."""

    event_id: int
    state: int
    reason: str
    until: Any  # as the column has it: it is snoozed, or was until it came back
    actor_id: int


class ThreadRow(Struct, frozen=True):
    """Plain values alone. It stands at the newest notification that is meant; `unread` and `count` say how many are
    meant, COUNTED at most."""

    stream_id: str = ""
    event_id: int = 0
    org_id: int = 0
    about: str = "task"  # what kind of thing
    key: str = ""
    title: str = ""
    url: str = ""
    who: str = (
        ""  # who did it, where the rest of the line does not say it: `Bob Meyer and 2 others, 14 changes ·`
    )
    said: str = ""
    reason: str = ""  # the strongest of what is new, or of all where nothing is
    reason_label: str = ""  # why it was told; or that it came back, or when it will
    state_word: str = ""
    unread: int = 0
    count: int = 0
    many: str = ""  # `12 new`; without the word where none is; nothing where there is one
    is_back: bool = False  # from its snooze, and not touched since
    time: Time | None = None
    actor_id: int = 0
    actor: str = ""
    picture: str = ""
    menu: str = ""  # of the two, the one that is open
    is_open: bool = False
    parts: Sequence[Row] = ()
    older_parts: int | None = None


BLANK = ThreadRow()  # what the scripts' menus are made of


class Opened(NamedTuple):
    """What the address opens: the stream whose parts are shown, from which on, and the menu of a thread."""

    stream: str = ""
    older: int | None = None
    menu: str = ""  # `snooze:` or `more:` and a stream


NOTHING_OPEN = Opened()


def thread_rows(
    user_id: int, wanted: Wanted, threads: Sequence[Thread], opened: Opened = NOTHING_OPEN
) -> list[ThreadRow]:
    """Make the rows of these threads, in the order given."""
    if not threads:
        return []
    news = row_news(user_id, [event_id for _, event_id in threads])
    told = _told(user_id, wanted, {each.event.stream_id: each.event.version for each in news})
    names = names_for(news, {each.actor_id for some in told.values() for each in some})
    newest = {row.event_id: row for row in rows_of(news, user_id, names)}
    menu, _, menu_of = opened.menu.partition(":")
    return [
        _thread_row(
            newest[event_id],
            told[stream_id],
            names,
            menu if menu_of == str(stream_id) else "",
            *(_parts(user_id, wanted, stream_id, opened.older) if str(stream_id) == opened.stream else ()),
        )
        for stream_id, event_id in threads
        if event_id in newest and stream_id in told  # else taken away in between
    ]


def _thread_row(
    newest: Row,
    told: Sequence[Told],
    names: Names,
    menu: str,
    parts: Sequence[Row] | None = None,
    older_parts: int | None = None,
) -> ThreadRow:
    new = [each for each in told if each.state == State.UNREAD]
    news = new or told
    state_word = State.UNREAD.word if new else newest.state_word
    reason = min((each.reason for each in news), key=strength) if len(news) > 1 else news[0].reason
    is_back = any(each.until for each in new)
    return ThreadRow(
        stream_id=newest.stream_id,
        event_id=newest.event_id,
        org_id=newest.org_id,
        about=newest.about,
        key=newest.key,
        title=newest.title,
        url=newest.url,
        who=f"{who_and_how_many((each.actor_id for each in news), names)} ·" if len(news) > 1 else "",
        said=newest.deed if len(news) > 1 else newest.said,
        reason=reason,
        reason_label="back from snooze"
        if is_back
        else _until(told, state_word) or label_in(reason, newest.org),
        state_word=state_word,
        unread=len(new),
        count=len(told),
        many=_many(len(new), len(told)),
        is_back=is_back,
        time=newest.time,
        actor_id=newest.actor_id,
        actor=newest.actor,
        picture=newest.picture,
        menu=menu,
        is_open=parts is not None,
        parts=parts or (),
        older_parts=older_parts,
    )


def _many(unread: int, count: int) -> str:
    many = unread or count
    said = str(many) if many < COUNTED else f"{COUNTED - 1}+"
    return "" if many < 2 else f"{said} new" if unread else said


def _until(told: Iterable[Told], state_word: str) -> str:
    """Say when it comes back: of what is snoozed."""
    if state_word != State.SNOOZED.word:
        return ""
    moments = [moment_in_column(each.until) for each in told if each.until and each.state == State.SNOOZED]
    return f"until {formatted(timezone.localtime(min(moments)), 'D j M, H:i')}" if moments else ""


TOLD = """
SELECT event.stream_id, note.event_id, note.state, note.reason, note.snoozed_until, event.actor_id
FROM events_taskevent event JOIN inbox_notification note ON note.event_id = event.id AND note.recipient_id = %s
WHERE {condition} AND ({streams}) ORDER BY note.event_id DESC"""


def _told(user_id: int, wanted: Wanted, streams: Mapping[uuid.UUID, int]) -> Mapping[uuid.UUID, list[Told]]:
    """Read what is meant of each stream, whose newest has this version, newest first, COUNTED at most."""
    edges = _edges(
        user_id, wanted, [stream_id for stream_id, version in streams.items() if version > COUNTED]
    )
    columns = {uuid_for_column(stream_id): stream_id for stream_id in streams}
    few = [column for column, stream_id in columns.items() if stream_id not in edges]
    long = [
        value
        for column, stream_id in columns.items()
        if stream_id in edges
        for value in (column, edges[stream_id])
    ]
    condition, parameters = wanted.condition()
    of_streams = " OR ".join(
        [f"event.stream_id IN ({', '.join(['%s'] * len(few)) or 'NULL'})", *[LONG] * len(edges)]
    )
    found: dict[uuid.UUID, list[Told]] = {}
    with connection.cursor() as cursor:
        statement = TOLD.format(condition=condition, streams=of_streams)
        cursor.execute(statement, [user_id, *parameters, *few, *long])
        for column, *told in cursor.fetchall():
            found.setdefault(columns[column], []).append(Told._make(told))
    return found


LONG = "event.stream_id = %s AND event.version >= %s"


def _edges(user_id: int, wanted: Wanted, streams: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Find for each of the streams the version of the last of the COUNTED newest that are meant there."""
    if not streams:
        return {}
    mine = (
        wanted.within()
        .rows(user_id)
        .filter(event__stream_id=OuterRef("stream_id"))
        .order_by("-event__version")
    )
    first = TaskEvent.objects.filter(stream_id__in=streams, version=1).order_by()
    edge = Subquery(mine.values("event__version")[COUNTED - 1 : COUNTED])
    return dict(first.annotate(edge=edge).exclude(edge=None).values_list("stream_id", "edge"))


def _parts(
    user_id: int, wanted: Wanted, stream_id: uuid.UUID, before: int | None
) -> tuple[list[Row], int | None]:
    """Read what lies underneath, newest first; with the event from which on there is more."""
    mine = wanted.within().rows(user_id).filter(event__stream_id=stream_id)
    if before:
        mine = mine.filter(event_id__lt=before)
    event_ids = list(mine.order_by("-event__version").values_list("event_id", flat=True)[: PARTS + 1])
    news = row_news(user_id, event_ids[:PARTS])
    rows = rows_of(news, user_id, names_for(news))
    return rows, event_ids[PARTS - 1] if len(event_ids) > PARTS else None
