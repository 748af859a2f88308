"""The SQL is kept; the values are those of each call."""

import uuid

import pytest
from django.db.models import BigIntegerField, UUIDField

from base.compiled import Compiled, Parameter
from events.models import TaskEvent
from orgs.models import Membership
from tests.tasks.acme import new_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def built():
    return []


@pytest.fixture
def levels(built):
    def build():
        built.append(1)
        members = Membership.objects.filter(user_id=Parameter("user_id", BigIntegerField()), level="all")
        return members.values_list("organization__slug", "level")

    return Compiled(build)


def test_each_call_has_its_own_values(levels, acme, built, django_assert_num_queries):
    ids = [acme.alice.pk, acme.carol.pk, acme.bob.pk]
    Membership.objects.filter(user_id=ids[1]).update(level="muted")
    with django_assert_num_queries(3):
        found = [levels.rows(user_id=user_id) for user_id in ids]
    assert found == [[("acme", "all")], [], [("acme", "all")]]
    assert built == [1]


def test_a_value_reaches_the_database_as_its_field_writes_it(acme):
    task = new_task(acme, actor=acme.alice)
    streams = Compiled(
        lambda: TaskEvent.objects.filter(stream_id=Parameter("stream_id", UUIDField())).values_list("version")
    )
    assert streams.rows(stream_id=task.pk) == [(1,)]
    assert streams.rows(stream_id=uuid.uuid4()) == []


def test_a_value_is_never_part_of_the_statement(levels, acme):
    with pytest.raises(ValueError, match="expected a number"):
        levels.rows(user_id="1 OR 1=1")


def test_a_value_that_is_missing_is_a_mistake(levels, acme):
    with pytest.raises(KeyError, match="user_id"):
        levels.rows()
