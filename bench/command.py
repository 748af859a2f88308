"""What a whole command costs on PostgreSQL: for many recipients, beside other ways to the rows; on a task with a long
past; and with a way to the database."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from django.db import connection, transaction

from bench.delivery import Record, Step
from bench.far import far, overheard, waits_within
from bench.ground import Ground
from bench.peers import notifications_hq
from bench.plan import Plan
from bench.scribe import FILLING, Scribe
from bench.spent import Spent, medians_of, spent_by
from bench.targets import BARE_INSERT, COMMAND, CREATES
from bench.world import Place, organization, people
from bench.writers import apart
from inbox.models import Notification
from orgs.models import Membership
from tasks.commands import CommentOnTask, CreateTask
from tasks.services import execute, execute_together

BULK = "bulk_create"
SAMPLES = {COMMAND: 12, BARE_INSERT: 12, BULK: 4, CREATES: 1}
FEW = 100  # recipients, up to whom all have the most samples
AGE_SAMPLES = 12
AT_ONCE = 500  # events of an aged task that are one save
DISTANCES, WRITERS = (0, 1), (1, 4)  # milliseconds there and back; threads of one process
MEMBERS = 10
FOREIGN = itertools.count(10**12)  # event ids that are nobody's; the rows carry no database constraint

INSERT = """
    INSERT INTO inbox_notification (recipient_id, organization_id, event_id, reason)
    SELECT user_id, organization_id, %s, 'org' FROM orgs_membership
    WHERE organization_id = %s AND user_id <> %s
"""


def steps(scribe: Scribe, own: Ground, plan: Plan, record: Record) -> Iterator[Step]:
    places: dict[int, Place] = {}
    aged: dict[int, Place] = {}
    for count in plan.recipients:
        yield f"{count} people", lambda count=count: places.update({count: _place(count)})
    for age in plan.ages:
        yield f"{age} events", lambda age=age: aged.update({age: _aged(age)})
    yield "waits", partial(_waits, own.postgres.url, record)
    for _ in range(plan.repetitions):
        for count in plan.recipients:
            yield f"for {count}", lambda count=count: _measure(scribe, places[count], count, record)
        yield notifications_hq.NAME, partial(notifications_hq.measure, own, plan.recipients, record)
        yield "age", partial(_ages, scribe, aged, record)
        for distance, writers in itertools.product(DISTANCES, WRITERS):
            yield (
                f"{writers} writers, {distance} ms away",
                partial(_far, own.postgres.url, distance, writers, plan.far_seconds, record),
            )


def _place(count: int) -> Place:
    place = organization(f"write-{count}", people(count, prefix=f"reader{count}-"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return place


def _measure(scribe: Scribe, place: Place, recipients: int, record: Record) -> None:
    ways: dict[str, Callable[[], None]] = {
        COMMAND: lambda: scribe.tell(place, 0),
        BARE_INSERT: lambda: _insert_select(place),
        BULK: lambda: _bulk_create(place),
        CREATES: lambda: _creates(place),
    }
    times: dict[str, list[Spent]] = {way: [] for way in ways}
    for turn in range(max(SAMPLES.values())):
        for way, write in ways.items():
            if turn < SAMPLES[way] or recipients <= FEW:
                times[way].append(spent_by(write))
    for way, spent in times.items():
        record("write", way, recipients, **medians_of(spent))


def _insert_select(place: Place) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, [next(FOREIGN), place.org_id, place.actor.pk])


def _rows(place: Place) -> list[Notification]:
    members = Membership.objects.filter(organization_id=place.org_id).exclude(user_id=place.actor.pk)
    event_id = next(FOREIGN)
    return [
        Notification(recipient_id=user_id, organization_id=place.org_id, event_id=event_id, reason="org")
        for user_id in members.values_list("user_id", flat=True)
    ]


def _bulk_create(place: Place) -> None:
    with transaction.atomic():
        Notification.objects.bulk_create(_rows(place))


def _creates(place: Place) -> None:
    with transaction.atomic():
        for row in _rows(place):
            row.save(force_insert=True)


def _aged(age: int) -> Place:
    """An organization of ten whose task has so many events, by commands that are saved together."""
    name = f"aged-{age}"
    place = organization(name, people(MEMBERS, prefix=name))
    (created,) = execute(CreateTask(organization_id=place.org_id, title="An old bell"), actor=place.actor)
    for first in range(1, age, AT_ONCE):
        words = [CommentOnTask(task_id=created.stream_id, text=FILLING)] * min(AT_ONCE, age - first)
        execute_together(words, actor=place.actor)
    return replace(place, task_id=created.stream_id)


def _ages(scribe: Scribe, aged: dict[int, Place], record: Record) -> None:
    """In turns, so that what else the machine does falls on all alike."""
    times: dict[int, list[Spent]] = {age: [] for age in aged}
    for _ in range(AGE_SAMPLES):
        for age, place in aged.items():
            times[age].append(spent_by(lambda place=place: scribe.tell(place, 0)))
    for age, spent in times.items():
        record("age", COMMAND, age, **medians_of(spent))


def _waits(url: str, record: Record) -> None:
    with overheard(url) as (there, asked):
        apart(there, 0, 1, MEMBERS)
    record("waits", COMMAND, MEMBERS, waits=waits_within(asked))


def _far(url: str, distance: int, writers: int, seconds: float, record: Record) -> None:
    """All of them by way of the relay, so that only the distance differs."""
    with far(url, distance) as there:
        found = apart(there, seconds, writers, MEMBERS)
    record("far", f"{distance} ms to the database", writers, **found)
