import datetime as dt

import pytest

from inbox.models import Notification, Watch
from inbox.services import mark_all_read, mark_read, mark_unread, undo_all_read, unread_frame, watch
from inbox.standing import standings
from orgs.transactions import user_group_name
from tests.tasks.acme import comment, new_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def events(acme):
    """Five events, all of them unread for Bob."""
    task = new_task(acme, actor=acme.alice)
    return [comment(task, actor=acme.alice) for _ in range(4)]


def unread(user):
    rows = Notification.objects.filter(recipient=user, read_at=None).order_by("event_id")
    return list(rows.values_list("event__position", flat=True))


@pytest.fixture
def told(announcements, django_capture_on_commit_callbacks):
    """Carry out, then give what was announced."""

    def told(act, *arguments, **options):
        announcements.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act(*arguments, **options)
        return [(group, message["payload"]) for group, message in announcements]

    return told


class TestMarkRead:
    def test_marks_these_and_no_others(self, acme, events):
        assert mark_read(acme.bob.pk, [events[0].pk, events[2].pk]) == 2
        assert unread(acme.bob) == [1, 3, 5]
        assert unread(acme.carol) == [1, 2, 3, 4, 5]

    def test_twice_keeps_the_first_moment(self, acme, events):
        mark_read(acme.bob.pk, [events[0].pk])
        moment = Notification.objects.get(recipient=acme.bob, event=events[0]).read_at
        assert mark_read(acme.bob.pk, [events[0].pk]) == 0
        assert Notification.objects.get(recipient=acme.bob, event=events[0]).read_at == moment

    def test_ignores_what_is_not_ones_own(self, acme, globex, events):
        assert mark_read(globex.gina.pk, [event.pk for event in events]) == 0
        assert mark_read(acme.bob.pk, [10**17]) == 0
        assert unread(acme.bob) == [1, 2, 3, 4, 5]

    def test_tells_the_users_tabs_with_absolute_counts(self, acme, events, told):
        ((group, frame),) = told(mark_read, acme.bob.pk, [events[0].pk])
        assert group == user_group_name(acme.bob.pk)
        assert frame == {
            "type": "unread",
            "unread": {"total": 4, "orgs": {str(acme.pk): 4}},
            "at": {str(acme.pk): 5},
            "read": {"event_ids": [events[0].pk]},
        }

    def test_is_silent_when_nothing_changed(self, acme, events, told):
        mark_read(acme.bob.pk, [events[0].pk])
        assert told(mark_read, acme.bob.pk, [events[0].pk]) == []
        assert told(mark_unread, acme.bob.pk, [events[1].pk]) == []
        assert told(mark_all_read, acme.bob.pk, up_to=0) == []
        assert told(undo_all_read, acme.bob.pk, read_at=dt.datetime.now(dt.UTC)) == []


class TestMarkUnread:
    def test_takes_it_back(self, acme, events, told):
        mark_read(acme.bob.pk, [event.pk for event in events])
        ((_, frame),) = told(mark_unread, acme.bob.pk, [events[1].pk])
        assert unread(acme.bob) == [1, 3]
        assert (frame["unread"]["total"], frame["read"]) == (2, None)
        assert frame["unread_again"] == {"event_ids": [events[1].pk]}

    def test_reaches_ones_own_only(self, acme, events):
        for user in (acme.bob, acme.carol):
            mark_read(user.pk, [events[0].pk])
        assert mark_unread(acme.bob.pk, [events[0].pk]) == 1
        assert unread(acme.carol) == [1, 3, 4, 5]


class TestMarkAll:
    def test_what_arrived_later_stays_unread(self, acme, events):
        count, _ = mark_all_read(acme.bob.pk, up_to=events[1].pk)
        assert (count, unread(acme.bob)) == (3, [4, 5])

    def test_of_one_organization_leaves_the_others(self, acme, globex, events, told):
        globex.join("bob")
        last = new_task(globex, actor=globex.gina)
        newest = Notification.objects.filter(recipient=acme.bob).order_by("-event_id").first().event_id
        ((_, frame),) = told(mark_all_read, acme.bob.pk, up_to=newest, org_id=acme.pk)
        assert unread(acme.bob) == [1]
        assert frame["unread"] == {"total": 1, "orgs": {str(acme.pk): 0, str(globex.pk): 1}}
        assert frame["read"] == {"org_id": acme.pk, "up_to": newest}
        assert last.version == 1

    def test_tells_how_far(self, acme, events, told):
        ((_, frame),) = told(mark_all_read, acme.bob.pk, up_to=events[3].pk)
        assert frame["read"] == {"org_id": None, "up_to": events[3].pk}
        assert frame["unread"]["total"] == 0

    def test_reaches_ones_own_only(self, acme, events):
        mark_all_read(acme.bob.pk, up_to=events[3].pk)
        assert unread(acme.carol) == [1, 2, 3, 4, 5]

    def test_undone_gives_back_exactly_what_it_took(self, acme, events, told):
        mark_read(acme.bob.pk, [events[0].pk])
        _, moment = mark_all_read(acme.bob.pk, up_to=events[2].pk)
        assert unread(acme.bob) == [5]
        ((_, frame),) = told(undo_all_read, acme.bob.pk, read_at=moment)
        assert unread(acme.bob) == [1, 3, 4, 5]
        assert frame["unread"]["total"] == 4
        assert len(frame["unread_again"]["event_ids"]) == 3

    def test_undone_twice_is_undone_once(self, acme, events):
        _, moment = mark_all_read(acme.bob.pk, up_to=events[3].pk)
        assert undo_all_read(acme.bob.pk, read_at=moment) == 5
        mark_read(acme.bob.pk, [events[0].pk])
        assert undo_all_read(acme.bob.pk, read_at=moment) == 0
        assert unread(acme.bob) == [1, 3, 4, 5]


class TestWatch:
    def test_begins_and_ends(self, acme):
        task = new_task(acme, actor=acme.alice)
        watch(acme.bob.pk, task.pk, watching=True)
        watch(acme.bob.pk, task.pk, watching=True)
        watch(acme.carol.pk, task.pk, watching=True)
        assert set(Watch.objects.values_list("user_id", flat=True)) == {acme.bob.pk, acme.carol.pk}
        watch(acme.bob.pk, task.pk, watching=False)
        watch(acme.bob.pk, task.pk, watching=False)
        assert list(Watch.objects.values_list("user_id", flat=True)) == [acme.carol.pk]


def test_the_frames_counts_are_those_of_the_standings(acme, globex, events):
    globex.join("bob")
    new_task(globex, actor=globex.gina)
    assert unread_frame(standings(acme.bob.pk)) == {
        "unread": {"total": 6, "orgs": {str(acme.pk): 5, str(globex.pk): 1}},
        "at": {str(acme.pk): 5, str(globex.pk): 1},
    }
    assert unread_frame([]) == {"unread": {"total": 0, "orgs": {}}, "at": {}}
