import datetime as dt
import uuid

import pytest
from django.db import transaction

from events import log
from events.models import GENESIS, EventText, LogHead, TaskEvent
from events.sentences import sentence
from tasks import facts
from tests.factories import OrganizationFactory, UserFactory
from tests.tasks.invariants import assert_the_log_holds
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def append(organization):
    actor = UserFactory()

    def append(stream_id, after_version, *happened):
        entries = [log.Entry(fact, "Fix the door") for fact in happened]
        with transaction.atomic():
            head = log.lock_head(organization.pk)
            return log.append(head, stream_id, 12, after_version, entries, actor=actor, now=NOW)

    return append


CREATED, DONE = facts.TaskCreated("Fix the door"), facts.StatusChanged("open", "done")
ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)


def test_streams_share_the_positions_and_count_their_own_versions(append, organization):
    append(ONE, 0, CREATED, facts.AssigneeChanged(None, 5))
    append(TWO, 0, CREATED)
    append(ONE, 2, DONE)
    events = assert_the_log_holds(organization.pk)
    places = [(event.position, event.stream_id, event.version) for event in events]
    assert places == [(1, ONE, 1), (2, ONE, 2), (3, TWO, 1), (4, ONE, 3)]


def test_an_event_says_everything(append, organization):
    (event,) = append(ONE, 0, CREATED)
    stored = TaskEvent.objects.get(pk=event.pk)
    assert (stored.action, stored.schema_version) == ("created", 2)
    assert stored.details == {"title": "Fix the door", "description": "", "mentions": []}
    assert (stored.subject, stored.task_number, stored.created_at) == ("Fix the door", 12, NOW)


def test_what_is_given_back_is_saved(append):
    """Deliveries need the ids."""
    events = append(ONE, 0, CREATED, DONE)
    assert [event.pk for event in events] == list(
        TaskEvent.objects.order_by("pk").values_list("pk", flat=True)
    )


def test_appending_nothing_changes_nothing(append, organization):
    append(ONE, 0)
    assert LogHead.objects.get(organization=organization).position == 0
    assert assert_the_log_holds(organization.pk) == []


def test_the_head_appears_when_it_is_first_needed(organization):
    assert not LogHead.objects.exists()
    with transaction.atomic():
        head = log.lock_head(organization.pk)
        assert (head.position, head.digest) == (0, GENESIS)
        assert log.lock_head(organization.pk) == head
    assert LogHead.objects.get() == head


def test_the_chain_goes_on_after_the_head_was_read_again(append, organization):
    for version in range(5):
        append(ONE, version, DONE)
    assert len(assert_the_log_holds(organization.pk)) == 5


def test_a_stream_is_loaded_in_order_with_its_actors(append, organization, django_assert_num_queries):
    append(TWO, 0, CREATED)
    append(ONE, 0, CREATED)
    append(ONE, 1, DONE, facts.StatusChanged("done", "open"))
    with django_assert_num_queries(1):
        events = log.load_stream(organization.pk, ONE)
        assert [event.version for event in events] == [1, 2, 3]
        assert {event.actor.username for event in events}


def test_a_fold_is_given_the_same_without_the_models(append, organization, django_assert_num_queries):
    append(TWO, 0, CREATED)
    append(ONE, 0, facts.TaskCreated("Fix the door", "It sticks."), facts.Commented("Who has a saw?", [7]))
    append(ONE, 2, DONE, facts.StatusChanged("done", "open"))
    append(ONE, 4, facts.TaskDescribed("It jams."), facts.TaskArchived())
    fields = ("version", "organization_id", "task_number", "actor_id", "created_at")
    with django_assert_num_queries(2):  # one more for the description
        past = log.load_past(organization.pk, ONE)
    stream = log.load_stream(organization.pk, ONE)
    told = [[getattr(event, name) for name in fields] for event in stream]
    assert [[getattr(event, name) for name in fields] for event in past] == told
    assert [event.version for event in past] == [1, 2, 3, 4, 5, 6]
    assert [getattr(event.fact, "description", None) for event in past] == [None] * 4 + ["It jams.", None]
    assert past[1].fact == facts.Commented(None, [7])
    assert [event.fact for event in past[2:]] == [event.fact for event in stream[2:]]
    assert log.load_past(organization.pk, ONE, upto=4)[0].fact.description == "It sticks."
    with without_triggers():
        EventText.objects.filter(event__version=5).delete()  # as an erasure does
    assert log.load_past(organization.pk, ONE)[4].fact.description is None


@pytest.mark.parametrize("load", [log.load_stream, log.load_past])
def test_a_stream_of_another_organization_is_empty(append, load):
    append(ONE, 0, CREATED)
    assert load(OrganizationFactory().pk, ONE) == []


def test_of_a_long_stream_the_newest_events_that_fit_are_loaded(append, organization):
    append(ONE, 0, CREATED, *(facts.Commented("é" * length) for length in (10, 500, 200, 200)))

    def versions(upto, most, octets):
        return [event.version for event in log.load_newest(organization.pk, ONE, upto, most, octets)]

    assert versions(5, 9, 10_000) == [1, 2, 3, 4, 5]
    assert versions(5, 2, 10_000) == [4, 5]
    assert versions(5, 9, 1_300) == [4, 5]  # 400 bytes each, and their details
    assert versions(3, 9, 1) == [3]
    assert versions(0, 9, 10_000) == []
    assert log.newest_version(organization.pk, ONE) == 5
    assert log.newest_version(organization.pk, TWO) == 0


def test_an_outline_tells_what_happened_and_holds_no_text(append, organization, django_assert_num_queries):
    append(ONE, 0, facts.TaskCreated("Fix the door", "It sticks."), facts.Commented("Who has a saw?", [7]))
    append(ONE, 2, facts.TaskDescribed(""), facts.TaskDescribed("It jams."), DONE)
    with without_triggers():
        EventText.objects.filter(event__version=2).delete()
    with django_assert_num_queries(1):
        outline = log.load_outline(organization.pk, ONE)
        sentences = [sentence(event, {}) for event in outline]
        assert [event.body for event in outline] == ["…", None, None, "…", None]
    assert sentences == [sentence(event, {}) for event in log.load_stream(organization.pk, ONE)]
    assert [event.version for event in log.load_outline(organization.pk, ONE, after=1, upto=3)] == [2, 3]
