"""A thread as a row of the list: who did what, how much of it is new, and why its reader was told; and what lies
underneath, which is never merged away."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.dateformat import format as formatted

from events.models import TaskEvent
from events.sentences import names_of
from inbox.bursts import who_and_how_many
from inbox.listing import Row, rows_of, with_events
from inbox.reasons import label_in, strength
from inbox.states import State
from inbox.threads import Thread
from inbox.wanted import Wanted

COUNTED = 100  # notifications of a thread; more are 99+
PARTS = 20  # that are shown at a time


class Actor(NamedTuple):
    display_name: str


@dataclass
class Told:
    """One notification of a thread."""

    event_id: int
    state: int
    reason: str
    until: dt.datetime | None  # it is snoozed, or was until it came back
    actor_id: int
    actor: Actor


@dataclass(frozen=True)
class ThreadRow:
    """`newest` is the one that the row stands at; `told` lists what is meant of the thread, newest first, COUNTED at
    most."""

    stream_id: uuid.UUID
    newest: Row
    told: Sequence[Told]
    menu: str = ""  # of the two, the one that is open
    parts: Sequence[Row] = field(default_factory=list)
    older_parts: int | None = None
    is_open: bool = False

    @property
    def event(self) -> TaskEvent:
        return self.newest.event

    @property
    def thread(self) -> str:
        """Name it in a form: up to this event its reader has seen it."""
        return f"{self.stream_id}:{self.event.pk}"

    @property
    def unread(self) -> int:
        return sum(told.state == State.UNREAD for told in self.told)

    @property
    def count(self) -> int:
        return len(self.told)

    @property
    def is_many(self) -> bool:
        return self.count > 1

    @property
    def many(self) -> str:
        """Say how many there are, where there are several: `12 new`; without the word where none is."""
        count = self.unread or self.count
        said = str(count) if count < COUNTED else f"{COUNTED - 1}+"
        return "" if count < 2 else f"{said} new" if self.unread else said

    @property
    def state_word(self) -> str:
        return State.UNREAD.word if self.unread else State(self.newest.state).word

    @property
    def reason(self) -> str:
        """Give the strongest reason of what is new, or of all where nothing is."""
        return min((told.reason for told in self._news), key=strength)

    @property
    def came_back(self) -> dt.datetime | None:
        """Say when it came back from its snooze, if it was not touched since."""
        moments = [told.until for told in self.told if told.until and told.state == State.UNREAD]
        return max(moments, default=None)

    @property
    def reason_label(self) -> str:
        """Say why it was told; or that it came back, or when it will."""
        if self.came_back:
            return "back from snooze"
        moments = [told.until for told in self.told if told.until and told.state == State.SNOOZED]
        if moments and self.state_word == State.SNOOZED.word:
            return f"until {formatted(timezone.localtime(min(moments)), 'D j M, H:i')}"
        return label_in(self.reason, self.organization.name)

    @property
    def who(self) -> str:
        """Say who did it, where the rest of the line does not: `Bob Meyer and 2 others, 14 changes`."""
        return f"{who_and_how_many(self._news)} ·" if len(self._news) > 1 else ""

    @property
    def said(self) -> str:
        return self.newest.deed if len(self._news) > 1 else self.newest.said

    @property
    def _news(self) -> Sequence[Told]:
        return [told for told in self.told if told.state == State.UNREAD] or self.told

    @property
    def key(self) -> str:
        return self.newest.key

    @property
    def url(self) -> str:
        return self.newest.url

    @property
    def title(self) -> str:
        return self.newest.title

    @property
    def created_at(self) -> dt.datetime:
        return self.newest.created_at

    @property
    def actor(self) -> Any:
        return self.newest.actor

    @property
    def organization(self) -> Any:
        return self.newest.organization


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
    newest = {row.event.pk: row for row in rows_of(with_events(user_id, [id for _, id in threads]), user_id)}
    told = _told(user_id, wanted, [stream_id for stream_id, _ in threads])
    menu, _, menu_of = opened.menu.partition(":")
    rows = []
    for stream_id, event_id in threads:
        if event_id not in newest or stream_id not in told:
            continue  # taken away in between
        is_open = str(stream_id) == opened.stream
        parts, older = _parts(user_id, wanted, stream_id, opened.older) if is_open else ([], None)
        rows.append(
            ThreadRow(
                stream_id,
                newest[event_id],
                told[stream_id],
                menu=menu if menu_of == str(stream_id) else "",
                parts=parts,
                older_parts=older,
                is_open=is_open,
            )
        )
    return rows


def _told(user_id: int, wanted: Wanted, streams: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, list[Told]]:
    """Read what is meant of each stream, newest first, COUNTED at most."""
    columns = ("event__stream_id", "event_id", "state", "reason", "snoozed_until", "event__actor_id")
    rows = wanted.within().rows(user_id).filter(_not_too_old(user_id, wanted, streams))
    read = list(rows.order_by("-event_id").values_list(*columns))
    names = names_of({actor_id for *_, actor_id in read})
    found: dict[uuid.UUID, list[Told]] = {}
    for stream_id, event_id, state, reason, until, actor_id in read:
        actor = Actor(names.get(actor_id, ""))
        told = Told(event_id, state, reason, until, actor_id, actor)
        found.setdefault(stream_id, []).append(told)
    return found


def _not_too_old(user_id: int, wanted: Wanted, streams: Sequence[uuid.UUID]) -> Q:
    """Make the condition that a row is of these streams, and among the COUNTED newest that are meant there."""
    mine = (
        wanted.within()
        .rows(user_id)
        .filter(event__stream_id=OuterRef("stream_id"))
        .order_by("-event__version")
    )
    first = TaskEvent.objects.filter(stream_id__in=streams, version=1).order_by()
    edge = Subquery(mine.values("event__version")[COUNTED - 1 : COUNTED])
    edges = dict(first.annotate(edge=edge).exclude(edge=None).values_list("stream_id", "edge"))
    few = Q(event__stream_id__in=[stream_id for stream_id in streams if stream_id not in edges])
    long = (Q(event__stream_id=stream_id, event__version__gte=edge) for stream_id, edge in edges.items())
    return Q(few, *long, _connector=Q.OR)


def _parts(
    user_id: int, wanted: Wanted, stream_id: uuid.UUID, before: int | None
) -> tuple[list[Row], int | None]:
    """Read what lies underneath, newest first; with the event from which on there is more."""
    mine = wanted.within().rows(user_id).filter(event__stream_id=stream_id)
    if before:
        mine = mine.filter(event_id__lt=before)
    event_ids = list(mine.order_by("-event__version").values_list("event_id", flat=True)[: PARTS + 1])
    rows = rows_of(with_events(user_id, event_ids[:PARTS]), user_id)
    return rows, event_ids[PARTS - 1] if len(event_ids) > PARTS else None
