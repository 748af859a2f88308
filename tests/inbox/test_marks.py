import datetime as dt

import pytest

from base.announcements import user_group_name
from inbox import marks, revisions
from inbox.frames import Counts, Unread
from inbox.models import Inbox, Notification
from inbox.org_inboxes import counts_of, org_inboxes, revision
from inbox.states import Act, State
from tests.inbox.acts import mark_all_read, mark_read, mark_unread, undo
from tests.tasks.acme import comment, new_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def events(acme):
    """Five events, all of them unread for Bob."""
    task = new_task(acme, actor=acme.alice)
    return [comment(task, actor=acme.alice) for _ in range(4)]


def unread(user):
    rows = Notification.objects.filter(recipient=user, state=State.UNREAD).order_by("event_id")
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
            "revision": Inbox.objects.get(pk=acme.bob.pk).revision,
            "counts": {"unread": 4, "read": 1, "done": 0, "snoozed": 0, "saved": 0},
            "change": {
                "act": "read",
                "mark": frame["revision"],
                "state": "read",
                "event_ids": [events[0].pk],
            },
            "read": {"event_ids": [events[0].pk]},
        }

    def test_is_silent_when_nothing_changed(self, acme, events, told):
        mark_read(acme.bob.pk, [events[0].pk])
        assert told(mark_read, acme.bob.pk, [events[0].pk]) == []
        assert told(mark_unread, acme.bob.pk, [events[1].pk]) == []
        before = revision(org_inboxes(acme.bob.pk))
        assert told(mark_all_read, acme.bob.pk, {acme.pk: 0}) == []
        assert told(undo, acme.bob.pk, before + 1) == []
        assert revision(org_inboxes(acme.bob.pk)) == before


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
        count, _ = mark_all_read(acme.bob.pk, {acme.pk: events[1].pk})
        assert (count, unread(acme.bob)) == (3, [4, 5])

    def test_of_one_organization_leaves_the_others(self, acme, globex, events, told):
        globex.join("bob")
        new_task(globex, actor=globex.gina)
        ((_, frame),) = told(mark_all_read, acme.bob.pk, {acme.pk: events[3].pk})
        assert unread(acme.bob) == [1]
        assert frame["unread"] == {"total": 1, "orgs": {str(acme.pk): 0, str(globex.pk): 1}}

    def test_for_one_reason_leaves_the_others(self, acme, events, told):
        mention = comment(new_task(acme, actor=acme.alice), "@bob", actor=acme.alice)
        ((_, frame),) = told(mark_all_read, acme.bob.pk, {acme.pk: mention.pk}, reason="mentioned")
        assert unread(acme.bob) == [1, 2, 3, 4, 5, 6]
        assert frame["read"]["reason"] == "mentioned"

    def test_tells_how_far(self, acme, events, told):
        ((_, frame),) = told(mark_all_read, acme.bob.pk, {acme.pk: events[3].pk})
        mark = Inbox.objects.get(pk=acme.bob.pk).revision
        assert frame["read"] == {"mark": mark, "up_to": {str(acme.pk): events[3].pk}, "reason": None}
        assert (frame["unread"]["total"], frame["revision"]) == (0, mark)

    def test_reaches_ones_own_only(self, acme, events):
        mark_all_read(acme.bob.pk, {acme.pk: events[3].pk})
        assert unread(acme.carol) == [1, 2, 3, 4, 5]

    def test_undone_gives_back_exactly_what_it_took(self, acme, events, told):
        mark_read(acme.bob.pk, [events[0].pk])
        _, mark = mark_all_read(acme.bob.pk, {acme.pk: events[2].pk})
        assert unread(acme.bob) == [5]
        ((_, frame),) = told(undo, acme.bob.pk, mark)
        assert unread(acme.bob) == [1, 3, 4, 5]
        assert frame["unread"]["total"] == 4
        assert frame["unread_again"] == {"mark": mark, "event_ids": []}

    def test_undone_twice_is_undone_once(self, acme, events):
        _, mark = mark_all_read(acme.bob.pk, {acme.pk: events[3].pk})
        assert undo(acme.bob.pk, mark) == 5
        mark_read(acme.bob.pk, [events[0].pk])
        assert undo(acme.bob.pk, mark) == 0
        assert unread(acme.bob) == [1, 3, 4, 5]

    def test_the_undo_of_another_person_is_not_ours(self, acme, events):
        _, mark = mark_all_read(acme.bob.pk, {acme.pk: events[3].pk})
        assert undo(acme.carol.pk, mark) == 0
        assert unread(acme.bob) == []

    def test_two_at_one_instant_are_two(self, acme, events, monkeypatch):
        instant = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
        monkeypatch.setattr(revisions.timezone, "now", lambda: instant)
        _, first = mark_all_read(acme.bob.pk, {acme.pk: events[0].pk})
        mark_read(acme.bob.pk, [events[1].pk])
        _, second = mark_all_read(acme.bob.pk, {acme.pk: events[3].pk})
        assert revisions.moment_of(first) == instant
        assert undo(acme.bob.pk, first) == 2
        assert unread(acme.bob) == [1, 2]
        assert undo(acme.bob.pk, second) == 2
        assert unread(acme.bob) == [1, 2, 4, 5]

    def test_a_clock_that_is_set_back_lowers_no_revision(self, acme, events, monkeypatch):
        mark_read(acme.bob.pk, [events[0].pk])
        before = revision(org_inboxes(acme.bob.pk))
        monkeypatch.setattr(revisions.timezone, "now", lambda: dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        mark_read(acme.bob.pk, [events[1].pk])
        assert revision(org_inboxes(acme.bob.pk)) == before + 1

    @pytest.mark.parametrize("batch", [1, 2, 5, 6])
    def test_of_many_is_made_in_parts_and_told_once(self, acme, events, told, monkeypatch, batch):
        monkeypatch.setattr(marks, "BATCH", batch)
        comment(new_task(acme, actor=acme.alice), "@bob", actor=acme.alice)
        last = Notification.objects.filter(recipient=acme.bob).latest("event_id").event_id
        ((_, frame),) = told(mark_all_read, acme.bob.pk, {acme.pk: last})
        assert (unread(acme.bob), frame["unread"]["total"]) == ([], 0)
        ((_, again),) = told(undo, acme.bob.pk, frame["read"]["mark"])
        assert unread(acme.bob) == [1, 2, 3, 4, 5, 6, 7]
        assert again["unread"]["total"] == 7
        assert again["revision"] > frame["revision"]


class TestWhatAnOlderClientHears:
    """It knows only read and unread, and must not take for read what is not."""

    def test_of_what_was_done_from_the_inbox_that_it_is_read(self, acme, events, told):
        ((_, frame),) = told(marks.mark_all, acme.bob.pk, Act.DONE, {acme.pk: events[1].pk})
        assert frame["read"] == {
            "mark": frame["change"]["mark"],
            "up_to": {str(acme.pk): events[1].pk},
            "reason": None,
        }
        assert frame["change"] == {
            "act": "done",
            "mark": frame["read"]["mark"],
            "state": "done",
            "up_to": {str(acme.pk): events[1].pk},
            "show": "inbox",
        }
        assert "unread_again" not in frame

    def test_of_what_was_done_in_another_list_nothing(self, acme, events, told):
        marks.mark(acme.bob.pk, Act.SAVE, [events[0].pk])
        ((_, frame),) = told(marks.mark_all, acme.bob.pk, Act.DONE, {acme.pk: events[3].pk}, show="saved")
        assert (frame["read"], frame["unread"]["total"]) == (None, 4)
        assert "unread_again" not in frame

    def test_of_many_that_are_unread_again_to_read_its_list(self, acme, events, told):
        marks.mark_all(acme.bob.pk, Act.READ, {acme.pk: events[3].pk})
        ((_, frame),) = told(marks.mark_all, acme.bob.pk, Act.UNREAD, {acme.pk: events[3].pk})
        assert frame["unread_again"] == {"mark": frame["change"]["mark"], "event_ids": []}

    def test_of_some_only_those_that_were_changed(self, acme, events, told):
        marks.mark(acme.bob.pk, Act.SAVE, [events[0].pk])
        ((_, frame),) = told(marks.mark, acme.bob.pk, Act.READ, [events[0].pk, events[1].pk, 10**17])
        assert frame["change"]["event_ids"] == frame["read"]["event_ids"] == [events[1].pk]


def test_a_read_that_is_undone_was_never_read_and_a_second_one_keeps_the_first_moment(acme, events):
    def read_at():
        return Notification.objects.get(recipient=acme.bob, event=events[0]).read_at

    _, first = marks.mark(acme.bob.pk, Act.READ, [events[0].pk])
    marks.undo(acme.bob.pk, first)
    assert read_at() is None
    _, second = marks.mark(acme.bob.pk, Act.DONE, [events[0].pk])
    mark_unread(acme.bob.pk, [events[0].pk])
    _, third = marks.mark(acme.bob.pk, Act.READ, [events[0].pk])
    marks.undo(acme.bob.pk, third)
    assert read_at() == revisions.moment_of(second)


def test_the_frames_counts_are_those_of_the_standings(acme, globex, events):
    globex.join("bob")
    new_task(globex, actor=globex.gina)
    counts = Counts(
        unread=Unread(6, {str(acme.pk): 5, str(globex.pk): 1}),
        at={str(acme.pk): 5, str(globex.pk): 1},
        revision=0,
    )
    assert counts_of(org_inboxes(acme.bob.pk)) == counts
    assert counts_of([]) == Counts(Unread(0, {}), {}, 0)
