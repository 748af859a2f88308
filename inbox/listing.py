"""Notifications with their sentences, and days to group a list by. Which ones is `newest`'s and `threads`' to say."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Substr
from django.urls import reverse
from django.utils import timezone

from base.markdown import plain_excerpt
from events.models import TaskEvent
from events.replaced import taken_away
from events.saves import whole_saves
from events.sentences import names_in, save_sentence
from inbox.models import Notification
from inbox.reasons import label_in
from inbox.states import State

EXCERPT = 140  # characters of a comment


@dataclass(frozen=True, slots=True)
class Row:
    event: TaskEvent
    sentence: str
    reason: str
    state: int
    is_gone: bool = False  # its text was deleted since

    @property
    def unread(self) -> bool:
        return self.state == State.UNREAD

    @property
    def key(self) -> str:
        return self.event.key

    @property
    def url(self) -> str:
        return reverse("inbox:open", args=[self.event.pk])

    @property
    def title(self) -> str:
        return self.event.subject

    @property
    def excerpt(self) -> str:
        text = "" if self.is_gone else plain_excerpt(getattr(self.event.fact, "text", "") or "")
        return text if len(text) <= EXCERPT else text[:EXCERPT].rstrip() + "…"

    @property
    def reason_label(self) -> str:
        return label_in(self.reason, self.organization.name)

    @property
    def said(self) -> str:
        """Say it where the page has named what it is about: with what was written."""
        if not self.excerpt:
            return self.sentence
        who = self.sentence if self.event.parts > 1 else self.actor.display_name
        return f"{who}: “{self.excerpt}”"

    @property
    def deed(self) -> str:
        """Say it where the page has named who did it, too."""
        if self.excerpt and self.event.parts == 1:
            return f"“{self.excerpt}”"
        return self.said.removeprefix(f"{self.actor.display_name} ")

    @property
    def state_word(self) -> str:
        return State(self.state).word

    @property
    def created_at(self) -> dt.datetime:
        return self.event.created_at

    @property
    def actor(self) -> Any:
        return self.event.actor

    @property
    def organization(self) -> Any:
        return self.event.organization


def rows_of(found: Iterable[Notification], reader_id: int | None = None) -> list[Row]:
    """Make rows of notifications with their events. With a reader, the sentences say 'you' of them, and 'it' of what
    the list has named."""
    notes = list(found)
    for note in notes:
        note.event.excerpt = note.excerpt  # type: ignore[attr-defined]
    saves, gone = whole_saves(note.event for note in notes), taken_away(note.event for note in notes)
    names, about = names_in(chain.from_iterable(saves.values())), ""
    if reader_id is not None:
        names, about = names | {reader_id: "you"}, "it"
    told = {event_id: save_sentence(save, names, about) for event_id, save in saves.items()}
    return [
        Row(note.event, told[note.event.pk], note.reason, note.state, note.event.pk in gone) for note in notes
    ]


def with_events(user_id: int, event_ids: Collection[int]) -> QuerySet[Notification]:
    """Find the user's notifications of these events, newest first, with what a row shows; of a comment only as much."""
    rows = Notification.objects.filter(recipient_id=user_id, event_id__in=event_ids)
    excerpt = Substr("event__text__body", 1, EXCERPT + 1)
    rows = rows.select_related("event__actor", "event__organization").annotate(excerpt=excerpt)
    return rows.order_by("-event_id")


def by_day(
    rows: Iterable[Any], moment: Callable[[Any], dt.datetime] = attrgetter("created_at")
) -> list[dict[str, Any]]:
    """Group rows by the reader's days, in the order given: `[{"day": "Today", "rows": [...]}, ...]`."""
    today = timezone.localdate()
    days = groupby(rows, key=lambda row: timezone.localdate(moment(row)))
    return [{"day": _day(day, today), "rows": list(group)} for day, group in days]


def _day(day: dt.date, today: dt.date) -> str:
    if day == today:
        return "Today"
    if day == today - dt.timedelta(days=1):
        return "Yesterday"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%A} {day.day} {day:%B}{year}"
