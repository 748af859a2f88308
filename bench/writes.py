"""What it costs to write one event for many recipients on PostgreSQL: the whole command, and other ways to the rows."""

import itertools
import time
from collections.abc import Callable, Iterator
from statistics import median

from django.db import connection, transaction

from bench.plan import Plan
from bench.scribe import Scribe
from bench.world import Place, organization, people
from inbox.models import Notification
from orgs.models import Membership

SAMPLES = {"Carillon, whole command": 12, "bare INSERT..SELECT": 12, "bulk_create": 4, "loop of creates": 1}
FOREIGN = itertools.count(10**12)  # event ids that are nobody's; the rows carry no database constraint

INSERT = """
    INSERT INTO inbox_notification (recipient_id, organization_id, event_id, reason)
    SELECT user_id, organization_id, %s, 'org' FROM orgs_membership
    WHERE organization_id = %s AND user_id <> %s
"""


def steps(
    scribe: Scribe, plan: Plan, record: Callable[..., None]
) -> Iterator[tuple[str, Callable[[], None]]]:
    places: dict[int, Place] = {}
    for count in plan.recipients:
        yield f"{count} people", lambda count=count: places.update({count: _place(count)})
    for _ in range(plan.repetitions):
        for count in plan.recipients:
            yield f"for {count}", lambda count=count: _measure(scribe, places[count], count, record)


def _place(count: int) -> Place:
    place = organization(f"write-{count}", people(count, prefix=f"reader{count}-"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return place


def _measure(scribe: Scribe, place: Place, recipients: int, record: Callable[..., None]) -> None:
    ways: dict[str, Callable[[], None]] = {
        "Carillon, whole command": lambda: scribe.tell(place, 0),
        "bare INSERT..SELECT": lambda: _insert_select(place),
        "bulk_create": lambda: _bulk_create(place),
        "loop of creates": lambda: _creates(place),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(max(SAMPLES.values())):
        for way, write in ways.items():
            if turn < SAMPLES[way]:
                start = time.perf_counter()
                write()
                times[way].append(time.perf_counter() - start)
    for way, seconds in times.items():
        record("write", way, recipients, ms=median(seconds) * 1e3, per_second=recipients / median(seconds))


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
