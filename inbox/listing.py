"""Rows of notifications with their sentences, and days to group a list by. Which ones, `newest` and `threads` say."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils import timezone
from msgspec import Struct

from base.address_patterns import address_pattern
from base.markdown import plain_excerpt
from base.templatetags.times import Clock, Time
from events.sentences import names_of, save_sentence
from events.telling import Names
from inbox.reasons import label_in
from inbox.row_events import EXCERPT, RowNews
from inbox.states import State


class Row(Struct, frozen=True):
    """Plain values alone, each worked out once. `said` says it where the page has named what it is about, with what was
    written; `deed` where it has named who did it, too. `deed` and `reason_label` speak to the reader."""

    event_id: int
    stream_id: str
    org_id: int
    org: str  # the name
    about: str  # what kind of thing: `task`
    key: str
    title: str
    url: str
    sentence: str
    said: str
    deed: str
    reason: str
    reason_label: str
    state: int
    state_word: str
    unread: bool
    time: Time
    actor_id: int
    actor: str  # the name
    picture: str  # of the actor


def rows_of(found: Sequence[RowNews], reader_id: int, names: Names) -> list[Row]:
    """Make rows. The sentences say 'you' of the reader, and 'it' of what the list has named."""
    if not found:
        return []
    said, opened, clock = {**names, reader_id: "you"}, address_pattern("inbox:open"), Clock()
    return [_row(news, said, opened, clock) for news in found]


def names_for(found: Sequence[RowNews], others: Iterable[int] = ()) -> dict[int, str]:
    """Find the names that the rows speak of, and those of other people: one query, or none."""
    names = {event.actor_id: event.actor.display_name for news in found for event in news.save}
    spoken_of = {person for news in found for event in news.save for person in event.fact.people()}
    return names | names_of((spoken_of | {*others}) - names.keys())


def _row(news: RowNews, names: Names, opened: str, clock: Clock) -> Row:
    event, excerpt = news.event, _excerpt(news)
    actor = event.actor.display_name
    sentence = save_sentence(news.save, names, "it")
    is_save = event.parts > 1
    said = f"{sentence if is_save else actor}: “{excerpt}”" if excerpt else sentence
    return Row(
        event_id=event.pk,
        stream_id=str(event.stream_id),
        org_id=event.organization_id,
        org=event.organization,
        about=event.subject.name,
        key=event.key,
        title=event.title,
        url=opened.format(event.pk),
        sentence=sentence,
        said=said,
        deed=f"“{excerpt}”" if excerpt and not is_save else said.removeprefix(f"{actor} "),
        reason=news.reason,
        reason_label=label_in(news.reason, event.organization),
        state=news.state,
        state_word=State(news.state).word,
        unread=news.state == State.UNREAD,
        time=clock.time(event.created_at),
        actor_id=event.actor_id,
        actor=actor,
        picture=event.actor.picture,
    )


def _excerpt(news: RowNews) -> str:
    written = "" if news.is_gone else getattr(news.event.fact, "text", "")
    return shortened(plain_excerpt(written)) if written else ""


def shortened(text: str) -> str:
    return text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…"


def by_day(
    rows: Iterable[Any], day_of: Callable[[Any], dt.date] = attrgetter("time.day")
) -> list[dict[str, Any]]:
    """Group rows by the reader's days, in the order given: `[{"day": "Today", "rows": [...]}, ...]`."""
    today = timezone.localdate()
    days = groupby(rows, key=day_of)
    return [{"day": _day(day, today), "rows": list(group)} for day, group in days]


def _day(day: dt.date, today: dt.date) -> str:
    if day == today:
        return "Today"
    if day == today - dt.timedelta(days=1):
        return "Yesterday"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%A} {day.day} {day:%B}{year}"
