"""The organization stands in each key of what grows. An older database gets such keys, and its texts theirs."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from events import append_only
from events.models import EventText, TaskEvent
from inbox.models import Notification
from servers.partitions import BY
from tests.audits import findings
from tests.tasks.acme import comment, move, new_task

KEYS = (
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE contype IN ('p', 'u') AND conrelid = ANY(%s::regclass[])"
)


@pytest.fixture
def event(acme):
    event = comment(new_task(acme, actor=acme.alice, description="Soon."), "Hm.", actor=acme.bob)
    move(new_task(acme, actor=acme.alice), "done", actor=acme.bob)
    return event


@pytest.mark.services
def test_each_key_holds_the_organization(db):
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [list(BY)])
        found = cursor.fetchall()
    assert {table for table, _ in found} == set(BY)
    assert len(found) == 7
    for table, definition in found:
        assert "organization_id" in definition
        assert BY[table] in definition


@pytest.mark.django_db(transaction=True)
def test_an_older_database_goes_on(transactional_db, event, acme):
    notifications = set(Notification.objects.values_list("recipient_id", "event_id"))
    try:
        for app, name in (("tasks", "0001"), ("inbox", "0002"), ("events", "0005")):
            call_command("migrate", app, name, verbosity=0)
        if connection.vendor == "postgresql":
            append_only.install(connection)  # an older database has triggers too
        with connection.cursor() as cursor:
            cursor.execute("SELECT event_id FROM events_eventtext ORDER BY 1")
            texts = [pk for (pk,) in cursor.fetchall()]
    finally:
        call_command("migrate", verbosity=0)
    assert list(EventText.objects.order_by("pk").values_list("pk", "organization_id")) == [
        (pk, acme.pk) for pk in texts
    ]
    assert len(texts) == 2
    assert set(Notification.objects.values_list("recipient_id", "event_id")) == notifications
    assert append_only.missing_triggers(connection) == []
    assert findings() == []


@pytest.mark.services
def test_a_process_of_the_release_before_need_not_say_the_organization(event):
    """It goes on writing while the workers are replaced."""
    values = {field.attname: getattr(event, field.attname) for field in TaskEvent._meta.concrete_fields}
    values |= {"id": None, "position": event.position + 100, "version": 100}
    with transaction.atomic(), connection.cursor() as cursor:
        last = TaskEvent.objects.create(**values)
        cursor.execute(
            "INSERT INTO events_eventtext (event_id, nonce, body) VALUES (%s, '00', 'x')", [last.pk]
        )
        assert EventText.objects.get(pk=last.pk).organization_id == event.organization_id
        transaction.set_rollback(True)
