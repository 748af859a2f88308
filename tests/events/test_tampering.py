"""Whoever gets past the triggers is found: each of 200 random alterations, and the place where it was made."""

import datetime as dt
import uuid
from random import Random

import pytest
from django.db import connection, transaction
from django.utils import timezone

from events import append_only
from events.digests import digest
from events.findings import Scope
from events.models import GENESIS, EventText, LogHead, TaskEvent
from events.saved_heads import current_heads, findings_since
from inbox.models import Notification
from tasks import commands
from tasks.models import Task
from tasks.services import execute
from tests.audits import findings
from tests.examples import examples
from tests.tasks.acme import Role, found

pytestmark = [pytest.mark.django_db, pytest.mark.second]

ALTERATIONS = 200


@pytest.fixture
def log():
    """Fifty events of two organizations, and a database that does not refuse any more."""
    random = Random(4)
    teams = [
        found("acme", alice=Role.OWNER, bob=Role.ADMIN, carol=Role.MEMBER),
        found("globex", alice=Role.OWNER),
    ]
    teams[1].join("gina")
    for team in teams:
        people = [membership.user for membership in team.organization.memberships.order_by("pk")]
        tasks = [uuid.UUID(int=random.getrandbits(128)) for _ in range(4)]
        for task_id in tasks:
            command = commands.CreateTask(
                organization_id=team.pk, title="Fix it", description="D", task_id=task_id
            )
            execute(command, actor=people[0])
        for step in range(22):
            execute(a_command(random, random.choice(tasks), step, people), actor=random.choice(people))
    connection.check_constraints()  # PostgreSQL drops no trigger while checks are due
    append_only.remove(connection)
    assert findings() == []


def a_command(random, task_id, step, people):
    return random.choice(
        [
            commands.CommentOnTask(task_id=task_id, text=f"Comment {step}"),
            commands.RenameTask(task_id=task_id, title=f"Title {step}"),
            commands.ChangeStatus(task_id=task_id, status=random.choice(["open", "done"])),
            commands.AssignTask(task_id=task_id, assignee_id=random.choice(people).pk),
            commands.SetDueDate(task_id=task_id, due_date=dt.date(2026, 12, 1) + dt.timedelta(days=step)),
        ]
    )


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def prepared(model, field, value):
    return model._meta.get_field(field).get_db_prep_save(value, connection)


def put(row, **values):
    """UPDATE one row of whatever table, past the models that refuse."""
    meta = row._meta
    for name, value in values.items():
        field = meta.get_field(name)
        keys = meta.pk_fields
        where = " AND ".join(f"{key.column} = %s" for key in keys)
        key_values = [prepared(type(row), key.name, getattr(row, key.attname)) for key in keys]
        sql(
            f"UPDATE {meta.db_table} SET {field.column} = %s WHERE {where}",
            prepared(type(row), name, value),
            *key_values,
        )


def remove(row):
    key = row._meta.pk
    sql(f"DELETE FROM {row._meta.db_table} WHERE {key.column} = %s", prepared(type(row), key.name, row.pk))


def events_of(org_id):
    return list(TaskEvent.objects.filter(organization_id=org_id).select_related("text").order_by("position"))


# --- The alterations: each does its harm and says where the audit must find it, as (organization, position) -------


def another(random, field, value):
    """Some other value that the column holds."""
    match value:
        case bool():
            return not value
        case int():
            return value + random.randint(1, 9) * 1000
        case None if field.endswith("date"):
            return dt.date(2001, 1, 1)
        case uuid.UUID():
            return uuid.UUID(int=random.getrandbits(128))
        case dt.datetime():
            return value + dt.timedelta(microseconds=random.randint(1, 10**9))
        case dt.date():
            return value + dt.timedelta(days=1)
        case dict():
            return value | {"to": "x"}
        case list():
            return [*value, 77]
        case str() if field == "digest":
            return value[:-1] + ("0" if value[-1] != "0" else "1")
        case str() if field == "request_id":
            return "f" * 32
        case str() if field == "status":
            return "cancelled"
    return f"{value}x"


COLUMNS = [
    field.name for field in TaskEvent._meta.concrete_fields if field.name not in ("organization", "actor")
]


def a_column(random, events, turn):
    field = COLUMNS[turn % len(COLUMNS)]
    event = random.choice(events[:-1] if field == "id" else events)  # no digest covers the id, only its order
    put(event, **{field: another(random, field, getattr(event, field))})
    return event.position


def the_actor(random, events, turn):
    event = random.choice(events)
    others = [other.actor_id for other in events if other.actor_id != event.actor_id]
    sql("UPDATE events_taskevent SET actor_id = %s WHERE id = %s", random.choice(others), event.pk)
    return event.position


def the_organization(random, events, turn):
    event = random.choice(events)
    other = LogHead.objects.exclude(pk=event.organization_id).get()
    sql("UPDATE events_taskevent SET organization_id = %s, position = 9000 WHERE id = %s", other.pk, event.pk)
    return event.position


def a_row_removed(random, events, turn):
    event = random.choice(events)
    if hasattr(event, "text"):
        remove(event.text)
    remove(event)
    return event.position


def two_swapped(random, events, turn):
    one, other = random.sample(events, 2)
    put(one, position=10**6)
    put(other, position=one.position)
    put(one, position=other.position)
    return min(one.position, other.position)


def two_contents_swapped(random, events, turn):
    one, other = random.sample(events, 2)
    while (one.action, one.details) == (other.action, other.details):
        other = random.choice(events)
    for event, source in ((one, other), (other, one)):
        put(event, action=source.action, details=source.details)
    return min(one.position, other.position)


def the_newest_cut(random, events, turn):
    """As if they had never been: the head, the texts, the notifications and the rows of tasks fit what is left."""
    left = random.randint(1, len(events) - 1)
    for event in events[left:]:
        if hasattr(event, "text"):
            remove(event.text)
        sql("DELETE FROM inbox_notification WHERE event_id = %s", event.pk)
        remove(event)
    put(LogHead.objects.get(pk=events[0].organization_id), position=left, digest=events[left - 1].digest)
    return events[-1].position


def a_tail_chained_anew(random, events, turn):
    """One event is another, and every digest from there fits it."""
    start = random.randrange(len(events))
    previous = events[start - 1].digest if start else GENESIS
    events[start].created_at += dt.timedelta(hours=1)
    put(events[start], created_at=events[start].created_at)
    for event in events[start:]:
        previous = digest(previous, event)
        put(event, digest=previous)
    put(LogHead.objects.get(pk=events[0].organization_id), digest=previous)
    return events[-1].position


def with_text(random, events):
    return random.choice([event for event in events if hasattr(event, "text")])


def a_text_altered(random, events, turn):
    event = with_text(random, events)
    put(event.text, body=f"{event.text.body}!")
    return event.position


def a_nonce_altered(random, events, turn):
    event = with_text(random, events)
    put(event.text, nonce=random.choice(["", "zz", "00" * 16]))
    return event.position


def a_text_removed(random, events, turn):
    event = with_text(random, events)
    remove(event.text)
    return event.position


def a_text_added(random, events, turn):
    event = random.choice([event for event in events if not hasattr(event, "text")])
    text = EventText(event=event, organization_id=event.organization_id, nonce="00" * 16, body="Never said.")
    EventText.objects.bulk_create([text])
    return event.position


def last_of(events, task):
    return max(event.position for event in events if event.stream_id == task.pk)


TASK_COLUMNS = [
    field.name
    for field in Task._meta.concrete_fields
    if field.name not in ("id", "organization", "creator", "assignee")
]


def a_task_altered(random, events, turn):
    task = random.choice(Task.objects.filter(organization_id=events[0].organization_id))
    field = TASK_COLUMNS[turn % len(TASK_COLUMNS)]
    put(task, **{field: another(random, field, getattr(task, field))})
    return last_of(events, task)


def a_task_given_away(random, events, turn):
    task = random.choice(Task.objects.filter(organization_id=events[0].organization_id))
    column = random.choice(["assignee_id", "creator_id"])
    people = {event.actor_id for event in TaskEvent.objects.all()} - {getattr(task, column)}
    sql(f"UPDATE tasks_task SET {column} = %s WHERE number = %s AND organization_id = %s",
        random.choice(sorted(people)), task.number, task.organization_id)  # fmt: skip
    return last_of(events, task)


def a_task_removed(random, events, turn):
    task = random.choice(Task.objects.filter(organization_id=events[0].organization_id))
    remove(task)
    return last_of(events, task)


def a_task_invented(random, events, turn):
    task = Task.objects.filter(organization_id=events[0].organization_id).first()
    task.pk, task.number = uuid.UUID(int=random.getrandbits(128)), 99
    task.save(force_insert=True)


def a_notification(random, events):
    ids = [event.pk for event in events]
    note = random.choice(Notification.objects.filter(event_id__in=ids).order_by("event_id", "recipient_id"))
    return note, next(event for event in events if event.pk == note.event_id)


def a_notification_of_nothing(random, events, turn):
    note, _ = a_notification(random, events)
    put(note, event=10**9)


def a_notification_for_nobody(random, events, turn):
    note, event = a_notification(random, events)
    put(note, recipient=10**9)
    return event.position


def a_notification_elsewhere(random, events, turn):
    note, event = a_notification(random, events)
    put(note, organization=LogHead.objects.exclude(pk=note.organization_id).get().pk)
    return event.position


def a_notification_of_the_own_deed(random, events, turn):
    note, event = a_notification(random, events)
    put(note, recipient=event.actor_id)
    return event.position


def the_head_moved(random, events, turn):
    head = LogHead.objects.get(pk=events[0].organization_id)
    position = random.randrange(head.position)
    put(head, position=position)
    return position + 1


def the_head_beyond(random, events, turn):
    head = LogHead.objects.get(pk=events[0].organization_id)
    put(head, position=head.position + random.randint(1, 9))
    return head.position + 1


def the_heads_digest(random, events, turn):
    head = LogHead.objects.get(pk=events[0].organization_id)
    put(head, digest=another(random, "digest", head.digest))
    return head.position


KINDS = [
    a_column, a_column, a_column, the_actor, the_organization, a_row_removed, two_swapped, two_contents_swapped,
    the_newest_cut, a_tail_chained_anew, a_text_altered, a_nonce_altered, a_text_removed, a_text_added,
    a_task_altered, a_task_altered, a_task_given_away, a_task_removed, a_task_invented, a_notification_of_nothing,
    a_notification_for_nobody, a_notification_elsewhere, a_notification_of_the_own_deed, the_head_moved,
    the_head_beyond, the_heads_digest,
]  # fmt: skip


# With the turn of its kind, by which columns take turns.
PLAN = [(kind, sum(kind == before for before in KINDS[:place]) + KINDS.count(kind) * round_)
        for round_ in range(9) for place, kind in enumerate(KINDS)][:ALTERATIONS]  # fmt: skip


# The first half has found all of them: in the second each kind comes again, and each column with its own type.
ONCE_MORE = examples(ALTERATIONS, again=2)
TURNS = {a_column: examples(ALTERATIONS, again=len(COLUMNS)),
         a_task_altered: examples(ALTERATIONS, again=len(TASK_COLUMNS))}  # fmt: skip


def test_every_alteration_is_found_where_it_was_made(log):
    saved = list(current_heads(Scope(), timezone.now()))
    missed = []
    for number, (alter, turn) in enumerate(PLAN):
        if turn >= TURNS.get(alter, ONCE_MORE):
            continue
        random = Random(number)
        org_id = random.choice(saved).org_id
        with transaction.atomic():
            place = alter(random, events_of(org_id), turn)
            # All is audited only where the log's own organization does not tell: twice the work.
            audits = (lambda: findings_since(saved), lambda: findings(Scope(org_id)), findings)  # noqa: B023
            if not any((org_id, place) == (it.org_id, it.position) for audit in audits for it in audit()):
                missed.append((number, alter.__name__, place))
            transaction.set_rollback(True)
    assert missed == []
    assert len(PLAN) == ALTERATIONS


def test_without_an_alteration_nothing_is_found(log):
    saved = list(current_heads(Scope(), timezone.now()))
    assert [*findings_since(saved), *findings()] == []


def test_every_column_is_altered():
    assert PLAN.count((a_column, len(COLUMNS) - 1)) == 1
    assert PLAN.count((a_task_altered, len(TASK_COLUMNS) - 1)) == 1
