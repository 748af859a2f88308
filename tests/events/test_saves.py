"""Which events make a save, whatever part of a log is at hand."""

import datetime as dt
import uuid

import pytest
from django.db import connection

from events.facts import Unknown
from events.models import TaskEvent
from events.saves import by_save, from_a_beginning, last_of_save, lasts_of_saves, whole_saves
from events.sentences import save_sentence
from membership import facts as of_members
from orgs.models import Organization, User
from tasks import facts
from tests.audits import findings
from tests.migrating import latest, migrated
from tests.tasks.acme import comment, new_task

FRIDAY = dt.date(2026, 11, 28)
ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
NAMES = {2: "Bob Meyer", 3: "Carol Novak"}


def stream(*parts, stream_id=ONE, first=1):
    return [
        TaskEvent(stream_id=stream_id, version=version, parts=part)
        for version, part in enumerate(parts, start=first)
    ]


def versions(saves):
    return [[event.version for event in save] for save in saves]


@pytest.mark.parametrize(
    ("parts", "saves"),
    [
        ((), []),
        ((1, 1), [[1], [2]]),
        ((0, 0, 3), [[1, 2, 3]]),
        ((1, 0, 2, 0, 2, 1), [[1], [2, 3], [4, 5], [6]]),
        ((3, 0), [[1], [2]]),  # both ends are cut
    ],
)
def test_events_in_order_are_divided_into_saves(parts, saves):
    assert versions(by_save(stream(*parts))) == saves


def test_what_is_left_out_divides_and_so_does_another_stream():
    first, _, last = stream(0, 0, 3)
    assert versions(by_save([first, last])) == [[1], [3]]
    assert versions(by_save([*stream(0), *stream(2, stream_id=OTHER, first=2)])) == [[1], [2]]


@pytest.mark.parametrize(
    ("parts", "left"),
    [((3, 1), [5]), ((0, 3, 1, 1), [6, 7]), ((0, 2, 1), [4, 5, 6]), ((3,), [4]), ((0, 3), [4, 5]), ((), [])],
)
def test_a_list_begins_with_the_beginning_of_a_save_where_it_can(parts, left):
    (begun,) = versions([from_a_beginning(stream(*parts, first=4))])
    assert begun == left


@pytest.mark.django_db
class TestOfALog:
    @pytest.fixture
    def log(self, acme):
        """A save of three, one alone, a save of two."""
        new_task(acme, actor=acme.alice, assignee_id=acme.bob.pk, due_date=FRIDAY)
        other = new_task(acme, actor=acme.alice)
        new_task(acme, actor=acme.alice, assignee_id=acme.bob.pk)
        comment(other, actor=acme.bob)
        return list(TaskEvent.objects.readable().order_by("position"))

    def test_the_rest_of_all_saves_is_one_query_and_none_where_it_is_there(
        self, log, django_assert_num_queries
    ):
        with django_assert_num_queries(1):
            found = whole_saves([log[2], log[3], log[5]])
        assert [[event.position for event in save] for save in found.values()] == [[1, 2, 3], [4], [5, 6]]
        assert list(found) == [log[2].pk, log[3].pk, log[5].pk]
        with django_assert_num_queries(0):
            assert whole_saves(log)[log[2].pk] == log[:3]
            assert whole_saves(log)[log[0].pk] == log[:1]  # told with a later one

    def test_a_part_is_told_with_the_last(self, log, django_assert_num_queries):
        assert [last_of_save(event).position for event in log] == [3, 3, 3, 4, 6, 6, 7]
        with django_assert_num_queries(2):
            lasts = lasts_of_saves([log[4], log[3], log[1], log[0]], TaskEvent.objects.all())
        assert [event.position for event in lasts] == [6, 4, 3]
        with django_assert_num_queries(0):
            assert lasts_of_saves(log[2:4], TaskEvent.objects.all()) == log[2:4]


def event(fact, parts=0):
    made = TaskEvent(
        organization=Organization(pk=7, name="Acme", slug="acme"),
        task_number=5,
        action=fact.action,
        actor=User(pk=1, username="alice", first_name="Alice", last_name="Reyes"),
        created_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
        parts=parts,
    )
    made.fact = fact
    return made


CREATED, ASSIGNED = facts.TaskCreated("Fix it"), facts.AssigneeChanged(None, 2)
DUE = facts.DueDateChanged(None, FRIDAY)
MOVED = facts.StatusChanged("open", "in_progress")


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([DUE], "set ACME-5’s due date to 28 Nov"),
        ([CREATED, ASSIGNED], "created ACME-5 and assigned it to Bob Meyer"),
        (
            [CREATED, ASSIGNED, DUE],
            "created ACME-5, assigned it to Bob Meyer and set its due date to 28 Nov",
        ),
        (
            [MOVED, facts.AssigneeChanged(2, 1), facts.DueDateChanged(dt.date(2026, 11, 1), None)],
            "moved ACME-5 from Open to In progress, took it and removed the due date from it",
        ),
        (
            [facts.TaskDescribed(None), facts.AssigneeChanged(9, None)],  # erased, and nobody knows whom
            "edited ACME-5’s description and unassigned it from somebody",
        ),
        (
            [Unknown(), MOVED],
            "did something to ACME-5 that this version cannot show and moved it from Open to In progress",
        ),
        (
            [of_members.OrganizationCreated("Acme", "acme"), of_members.MemberJoined(1, "owner")],
            "created the organization Acme and joined it as Owner",
        ),
        (
            [CREATED, *[MOVED] * 5],
            "created ACME-5"
            + ", moved it from Open to In progress" * 4
            + " and moved it from Open to In progress",
        ),
        (
            [CREATED, *[MOVED] * 9],
            "created ACME-5" + ", moved it from Open to In progress" * 4 + " and made 5 other changes",
        ),
    ],
)
def test_a_save_is_told_in_one_sentence(parts, words):
    save = [event(fact) for fact in parts]
    assert save_sentence(save, NAMES) == f"Alice Reyes {words}"
    assert (
        save_sentence(save, NAMES, "it")
        == f"Alice Reyes {words.replace('ACME-5’s', 'its').replace('ACME-5', 'it')}"
    )


def where_the_log_is_stored():
    sql = {
        "sqlite": "SELECT rootpage FROM sqlite_master WHERE name = 'events_taskevent'",
        "postgresql": "SELECT pg_relation_filenode('events_taskevent')",
    }
    with connection.cursor() as cursor:
        cursor.execute(sql[connection.vendor])
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_events_from_before_there_were_saves_are_told_alone_and_verify(acme):
    task = new_task(acme, actor=acme.alice)
    try:
        old = migrated([("events", "0009_texts_have_their_events")]).get_model("events", "TaskEvent")
        assert "parts" not in {field.name for field in old._meta.get_fields()}
        stored = where_the_log_is_stored()
    finally:
        latest()
    assert where_the_log_is_stored() == stored  # no table was made in its place
    assert [event.parts for event in TaskEvent.objects.all()] == [1]
    comment(task, actor=acme.bob)
    assert findings() == []
