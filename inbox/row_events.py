"""What rows of notifications tell of, read in one statement and without models: each with the events of its save, the
names beside them, and whether its text was taken away since."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection
from msgspec import Struct

from base.column_values import moment_in_column, uuid_in_column
from base.statements import places
from events.facts import Fact
from events.raw_facts import read_json
from events.replaced import text_is_taken_away
from events.saves import by_save
from events.subjects import Subject, subject_of_action
from orgs.names import display_name_of, initials_of

EXCERPT = 140  # characters of a text that are shown


class Person(NamedTuple):
    pk: int
    display_name: str
    initials: str
    picture: str


class RowEvent(Struct, frozen=True):
    """Of its text only the beginning; of an event before the last of its save a mere sign that there is one."""

    pk: int
    organization_id: int
    organization: str  # its name
    stream_id: uuid.UUID
    version: int
    parts: int
    subject: Subject
    key: str
    title: str
    fact: Fact
    actor_id: int
    actor: Person
    created_at: dt.datetime


class RowNews(NamedTuple):
    """A notification. `save`: the events that it tells of, in order."""

    save: Sequence[RowEvent]
    reason: str
    state: int
    is_gone: bool  # its text
    more: Any  # the column that was asked for beside it

    @property
    def event(self) -> RowEvent:
        return self.save[-1]


# A save has versions without a gap. The stream's key finds them beside the last one.
STATEMENT = """
SELECT
    note.event_id, note.reason, note.state, {is_gone}, {more},
    event.id, event.organization_id, event.stream_id, event.version, event.parts, event.action,
    event.schema_version, event.details, event.task_number, event.subject, event.created_at,
    CASE WHEN event.id = told.id THEN substr(body.body, 1, {excerpt}) WHEN body.event_id IS NOT NULL THEN '…' END,
    organization.slug, organization.name, event.actor_id,
    actor.username, actor.first_name, actor.last_name, actor.erased_at, actor.picture
FROM {notes}
JOIN events_taskevent told ON told.id = note.event_id
JOIN events_taskevent event ON event.stream_id = told.stream_id
    AND event.version <= told.version
    AND event.version > told.version - CASE WHEN told.parts > 0 THEN told.parts ELSE 1 END
JOIN orgs_organization organization ON organization.id = event.organization_id
JOIN orgs_user actor ON actor.id = event.actor_id
LEFT JOIN events_eventtext body ON body.event_id = event.id
ORDER BY note.event_id DESC, event.version"""
OF_EVENTS = "(SELECT * FROM inbox_notification WHERE recipient_id = %s AND event_id IN ({places})) note"


def row_news(user_id: int, event_ids: Sequence[int]) -> list[RowNews]:
    """Read the user's notifications of these events, newest first."""
    if not event_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(reading(OF_EVENTS.format(places=places(event_ids))), [user_id, *event_ids])
        return news_in(cursor.fetchall())


def reading(notes: str, more: str = "NULL") -> str:
    """Write the statement that reads what is called `note` in these tables, with one column more."""
    is_gone = text_is_taken_away("event")
    return STATEMENT.format(notes=notes, more=more, is_gone=is_gone, excerpt=EXCERPT + 1)


def news_in(rows: Iterable[tuple[Any, ...]]) -> list[RowNews]:
    """Take its rows."""
    people: dict[int, Person] = {}
    return [_news([*events], people) for _, events in groupby(rows, key=itemgetter(0))]


def _news(rows: Sequence[tuple[Any, ...]], people: dict[int, Person]) -> RowNews:
    _, reason, state, is_gone, more, *_ = rows[-1]
    save = by_save(_event(people, *row[5:]) for row in rows)[-1]
    return RowNews(save, reason, state, bool(is_gone), more)


def _event(
    people: dict[int, Person],
    pk: int,
    organization_id: int,
    stream_id: Any,
    version: int,
    parts: int,
    action: str,
    schema_version: int,
    details: str,
    number: int,
    title: str,
    created_at: Any,
    body: str | None,
    slug: str,
    organization: str,
    actor_id: int,
    *person: Any,
) -> RowEvent:
    actor = people.get(actor_id)
    if actor is None:
        people[actor_id] = actor = _person(actor_id, *person)
    subject = subject_of_action(action)
    return RowEvent(
        pk,
        organization_id,
        organization,
        uuid_in_column(stream_id),
        version,
        parts,
        subject,
        subject.key_of(slug, organization, number),
        title,
        read_json(action, schema_version, details, body),
        actor_id,
        actor,
        moment_in_column(created_at),
    )


def _person(pk: int, user_name: str, first_name: str, last_name: str, erased_at: Any, picture: str) -> Person:
    name = display_name_of(user_name, first_name, last_name, is_erased=erased_at is not None)
    return Person(pk, name, initials_of(name), picture)
