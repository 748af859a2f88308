"""A follower for the rows of followers: it writes down each event that it takes in a table that would hold
one twice, and takes its time."""

from collections.abc import Sequence

from django.db import connection

from bench.faults.checker import Log
from events.models import LogHead, TaskEvent
from followers.batches import begin_at_heads
from followers.models import Cursor
from followers.register import Follower

SECONDS = 0.1  # for a batch: whatever befalls the process meets it in the middle of one


class Tally(Follower):
    name = "tally"
    batch = 5

    def take(self, organization_id: int, events: Sequence[TaskEvent]) -> None:
        with connection.cursor() as cursor:
            rows = [(organization_id, event.pk) for event in events]
            cursor.executemany("INSERT INTO tally (organization_id, event_id) VALUES (%s, %s)", rows)
            cursor.execute("SELECT pg_sleep(%s)", [SECONDS])

    def forget(self, organization_id: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM tally WHERE organization_id = %s", [organization_id])


def begin(organization_ids: Sequence[int]) -> None:
    """With an empty table, and in these logs alone."""
    Cursor.objects.filter(follower=Tally.name).delete()
    begin_at_heads(Tally.name, LogHead.objects.exclude(pk__in=organization_ids))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS tally")
        cursor.execute(
            "CREATE TABLE tally (number bigserial PRIMARY KEY, organization_id bigint, event_id bigint)"
        )


def taken(organization_ids: Sequence[int]) -> Log:
    """By organization, the ids of the events in the order in which they were taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_id, event_id FROM tally ORDER BY number")
        rows = cursor.fetchall()
    return {org_id: [event_id for each, event_id in rows if each == org_id] for org_id in organization_ids}
