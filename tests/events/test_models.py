"""The log is append-only: the model itself refuses what the database will refuse too."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from events.models import GENESIS, AppendOnlyError, LogHead, TaskEvent
from tests.tasks.acme import move, new_task
from tests.tasks.invariants import assert_the_log_holds

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(acme):
    event = move(new_task(acme, actor=acme.alice), "done", actor=acme.alice)
    yield event
    assert len(assert_the_log_holds(acme.pk)) == 2


ALL = TaskEvent.objects.all


REWRITES = {
    "save": lambda event: event.save(),
    "save some fields": lambda event: event.save(update_fields=["details"]),
    "save by force": lambda event: event.save(force_update=True),
    "save as if it were new": lambda event: copy_of(event).save(),
    "delete": lambda event: event.delete(),
    "update": lambda event: ALL().update(subject="x"),
    "update one": lambda event: ALL().filter(pk=event.pk).update(subject="x"),
    "delete all": lambda event: ALL().delete(),
    "delete one": lambda event: TaskEvent.objects.filter(pk=event.pk).delete(),
    "bulk_update": lambda event: TaskEvent.objects.bulk_update([event], ["subject"]),
    "update_or_create": lambda event: TaskEvent.objects.update_or_create(pk=event.pk),
    "insert over": lambda event: TaskEvent.objects.bulk_create(
        [copy_of(event)], update_conflicts=True, update_fields=["subject"], unique_fields=["id"]
    ),
}


def copy_of(event):
    """Another object with the same key, which the ORM takes for a new one."""
    values = {field.attname: getattr(event, field.attname) for field in TaskEvent._meta.concrete_fields}
    return TaskEvent(**values | {"subject": "rewritten"})


@pytest.mark.parametrize("rewrite", REWRITES.values(), ids=REWRITES)
def test_history_is_not_rewritten(event, rewrite):
    event.subject = "rewritten"
    with pytest.raises((AppendOnlyError, IntegrityError)), transaction.atomic():
        rewrite(event)
    assert TaskEvent.objects.get(pk=event.pk).subject == "Fix the door"


async def test_nor_by_async_code(transactional_db):
    with pytest.raises(AppendOnlyError):
        await TaskEvent.objects.all().aupdate(subject="x")
    with pytest.raises(AppendOnlyError):
        await TaskEvent.objects.all().adelete()


def test_whoever_appears_in_it_stays(event, acme):
    with pytest.raises(ProtectedError):
        acme.alice.delete()
    with pytest.raises(ProtectedError):
        acme.organization.delete()


@pytest.mark.parametrize("field", ["position", "version"])
def test_a_place_is_given_once(event, field):
    """A database constraint: two writers past the lock could not both be right."""
    double = copy_of(event)
    double.pk = None
    double.position, double.version = 3, 3
    setattr(double, field, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        double.save(force_insert=True)


def test_an_event_knows_its_key(event):
    assert event.key == "ACME-1"
    assert str(event).endswith(".2 status_changed")


def test_an_empty_log_starts_at_genesis():
    head = LogHead()
    assert (head.position, head.digest) == (0, GENESIS)
