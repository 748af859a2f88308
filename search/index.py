"""The index, written here and nowhere else: the words of each event in which somebody wrote something, a text or a new
title, beside the title that its task or whatever it is about had then."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Subquery

from events import replaced
from events.facts import TextsErased
from events.models import TaskEvent
from followers.batches import lock_cursor
from search.models import Entry
from search.words import words as words_in

NAME = "search"
# No letter of any word. Before an organization's id it is a word of each of its entries, so that what others wrote is
# not even looked at; alone it stands between title and text, so that no phrase goes across.
MARK = "¦"
LONGEST_TEXT = 100_000  # characters: several times what one may write
_LAST_PLACE = 16_383  # that a tsvector knows


def organization_word(organization_id: int) -> str:
    return f"{MARK}{organization_id}"


def words_of(event: TaskEvent) -> list[str]:
    """List the words of the title and of what was written, as far as it is still there. Load events with
    `readable`."""
    text = getattr(event.fact, event.fact.text_field or "", None) or ""
    return [*words_in(event.subject), MARK, *words_in(text[:LONGEST_TEXT])]


def say_something(events: Sequence[TaskEvent]) -> list[TaskEvent]:
    """Keep those of one log's events that hold a text, the newest of its kind, or are the first to have their title."""
    previous = TaskEvent.objects.filter(stream_id=OuterRef("stream_id"), version=OuterRef("version") - 1)
    titles = TaskEvent.objects.filter(pk__in=[event.pk for event in events], version__gt=1)
    before = dict(titles.annotate(before=Subquery(previous.values("subject"))).values_list("pk", "before"))
    superseded = replaced.newest(events)
    return [
        event
        for event in events
        if event.subject != before.get(event.pk) or (_has_text(event) and event.pk not in superseded)
    ]


def write(events: Sequence[TaskEvent]) -> None:
    """Make these events' entries anew; those of texts that they replace go."""
    remove(events)
    earlier = replaced.before(events)
    for event in events:
        if event.pk in earlier:
            _remove(event.organization_id, earlier[event.pk])
    said = say_something(events)
    found = [[organization_word(event.organization_id), *words_of(event)] for event in said]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.executemany(
                "INSERT INTO search_entry (organization_id, event_id, stream_id, words)"
                " VALUES (%s, %s, %s, %s::tsvector)",
                [
                    (event.organization_id, event.pk, event.stream_id, tsvector(words))
                    for event, words in zip(said, found, strict=True)
                ],
            )
            return
        Entry.objects.bulk_create(
            Entry(organization_id=event.organization_id, event_id=event.pk, stream_id=event.stream_id)
            for event in said
        )
        cursor.executemany(
            "INSERT INTO search_words (rowid, words) VALUES (%s, %s)",
            [(event.pk, " ".join(words)) for event, words in zip(said, found, strict=True)],
        )


def remove(events: Iterable[TaskEvent]) -> None:
    by_organization: dict[int, list[int]] = defaultdict(list)
    for event in events:
        by_organization[event.organization_id].append(event.pk)
    for organization_id, ids in by_organization.items():
        _remove(organization_id, ids)


def forget(organization_id: int, event_ids: Sequence[int]) -> None:
    """Drop the entries of events that leave the log for the archive. Nothing is taken from that log until the commit,
    so no entry is made of an event that is about to go."""
    lock_cursor(NAME, organization_id)
    _remove(organization_id, event_ids)


def _remove(organization_id: int, event_ids: Sequence[int]) -> None:
    Entry.objects.filter(organization_id=organization_id, event_id__in=event_ids).delete()


def renew(organization_id: int, stream_id: UUID, erasures: Iterable[Any]) -> None:
    """Make what was indexed anew in the transaction that erases texts, after it: nothing that was erased is
    found any more. Nothing is taken from that log meanwhile, so that no entry is made of a text that is about
    to go."""
    lock_cursor(NAME, organization_id)
    write_after(organization_id, stream_id, erasures)


def write_after(organization_id: int, stream_id: UUID, erasures: Iterable[Any]) -> None:
    """Make the entries anew of what these facts took or replaced."""
    versions = {
        version
        for fact in erasures
        if isinstance(fact, TextsErased)
        for version in (*fact.erased, *(each.version for each in fact.redacted))
    }
    if not versions:
        return
    if connection.vendor == "sqlite":
        _overwrite_what_is_removed()
    events = TaskEvent.objects.filter(organization_id=organization_id, stream_id=stream_id)
    write(list(events.filter(version__in=versions).readable()))
    if connection.vendor == "sqlite":
        with (
            connection.cursor() as cursor
        ):  # what was removed stays in the file until its part is written anew
            cursor.execute("INSERT INTO search_words (search_words) VALUES ('optimize')")


def tsvector(found: Sequence[str]) -> str:
    """Write the words as PostgreSQL reads them, past its own idea of a word. They hold nothing that would
    have to be quoted."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(found, start=1):
        places[word].append(min(place, _LAST_PLACE))
    return " ".join(f"'{word}':{','.join(map(str, at[:255]))}" for word, at in places.items())


def _has_text(event: TaskEvent) -> bool:
    return bool(getattr(event.fact, event.fact.text_field or "", None))


def _overwrite_what_is_removed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete = ON")
