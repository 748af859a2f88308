import pytest

from bench.history import fill
from events.models import EventText, LogHead, TaskEvent
from inbox.models import Notification, Watch
from inbox.states import State
from orgs.models import Organization
from tasks.models import Task
from tests.tasks.invariants import (
    assert_every_fold_is_its_row,
    assert_everybody_is_told_right,
    assert_the_log_holds,
)

pytestmark = pytest.mark.django_db


def test_an_invented_history_is_valid():
    fill(40, 200, organizations=3, notifications=True)
    assert (Task.objects.count(), TaskEvent.objects.count(), Watch.objects.exists()) == (40, 200, True)
    for organization in Organization.objects.all():
        events = assert_the_log_holds(organization.pk)
        assert events
        assert_everybody_is_told_right(events[-15:])
    assert_every_fold_is_its_row()
    assert EventText.objects.exists()
    assert Notification.objects.filter(state=State.UNREAD).exists()
    assert Notification.objects.exclude(state=State.UNREAD).exists()


def test_work_goes_on_after_it():
    fill(2, 4, organizations=1)
    last = TaskEvent.objects.first()
    assert TaskEvent.objects.bulk_create([TaskEvent(**_fields(last, position=5))])[0].pk == 5


def test_one_task_may_have_all_the_events():
    fill(1, 50, organizations=2)
    assert Task.objects.get().version == 50
    assert LogHead.objects.filter(position=0).count() == 1


@pytest.mark.parametrize("size", [(0, 5), (6, 5)])
def test_a_size_that_makes_no_sense_is_refused(size):
    with pytest.raises(ValueError, match="at least one task"):
        fill(*size)


def test_a_database_that_is_not_empty_is_refused():
    fill(1, 1, organizations=1)
    with pytest.raises(ValueError, match="not empty"):
        fill(1, 1, organizations=1)


def _fields(event, **changes):
    names = [field.attname for field in TaskEvent._meta.concrete_fields if not field.primary_key]
    fields = {name: getattr(event, name) for name in names} | changes
    return fields | {"version": event.version + 1}
