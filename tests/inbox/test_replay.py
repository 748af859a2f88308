"""Replay: everything after the cursor, exactly once and in order; or the newest ten and a word why."""

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from events import log
from events.models import TaskEvent
from inbox import replay_plan
from inbox.frames import ReplaySummary
from inbox.models import Notification
from inbox.org_inboxes import joined_cursors, org_inboxes
from inbox.replay import events_after, reasons_in_rows
from membership import services as orgs
from tests.inbox.acts import mark_read
from tests.inbox.replays import frames_of, org_replay, user_replay
from tests.tasks.acme import Level, assign, comment, move, new_task
from tests.tasks.given import Praised

pytestmark = pytest.mark.django_db


def happen(team, times, *, actor):
    """That many events on one task."""
    task = new_task(team, actor=actor)
    return [TaskEvent.objects.get(stream_id=task.pk), *(comment(task, actor=actor) for _ in range(times - 1))]


def place_of(user, slug="acme"):
    return next(place for place in org_inboxes(user.pk) if place.slug == slug)


def ask_org(user, after=None, slug="acme"):
    return org_replay(place_of(user, slug), user.pk, after)


def ask_user(user, after=None):
    return user_replay(org_inboxes(user.pk), user.pk, after)


def positions(answer):
    return [frame["position"] for frame in frames_of(answer)]


def cursor(event):
    return f"{event.organization_id}.{event.position}.{event.digest[:8]}"


GARBAGE = ["", "rubbish", "1.2", "\x00", "null", "1.1.zzzzzzzz", "9" * 400, "💥", "999.1.ab12cd34", ",,,"]


def test_the_limits_are_those_of_the_protocol():
    """The tests below lower them."""
    assert (replay_plan.LATEST, replay_plan.RESUME_LIMIT) == (10, 500)


class TestOfOneOrganization:
    def test_without_a_cursor_gives_the_newest_ten(self, acme):
        happen(acme, 12, actor=acme.alice)
        answer = ask_org(acme.bob)
        assert positions(answer) == list(range(3, 13))
        assert answer.summary() == ReplaySummary("latest", 10, 0)

    def test_resumes_after_the_cursor(self, acme):
        events = happen(acme, 15, actor=acme.alice)
        answer = ask_org(acme.bob, cursor(events[2]))
        assert positions(answer) == list(range(4, 16))
        assert answer.summary() == ReplaySummary("resume", 12, 12)

    def test_with_nothing_missed_gives_nothing(self, acme):
        events = happen(acme, 3, actor=acme.alice)
        assert ask_org(acme.bob, cursor(events[-1])).summary() == ReplaySummary("resume", 0, 0)

    def test_each_frames_cursor_resumes_right_after_it(self, acme):
        happen(acme, 6, actor=acme.alice)
        for frame in frames_of(ask_org(acme.bob)):
            answer = ask_org(acme.bob, frame["cursor"])
            assert answer.mode == "resume"
            assert positions(answer) == list(range(frame["position"] + 1, 7))

    def test_resumes_after_a_users_whole_cursor(self, acme):
        events = happen(acme, 6, actor=acme.alice)
        whole = f"{acme.pk + 1}.2.00000000,{cursor(events[2])}"
        assert positions(ask_org(acme.bob, whole)) == [4, 5, 6]

    @pytest.mark.parametrize("after", GARBAGE)
    def test_an_unreadable_cursor_resets(self, acme, after):
        happen(acme, 12, actor=acme.alice)
        answer = ask_org(acme.bob, after)
        assert answer.summary() == ReplaySummary("reset", 10, None)
        assert positions(answer) == list(range(3, 13))

    def test_a_cursor_ahead_of_the_log_resets(self, acme):
        last = happen(acme, 3, actor=acme.alice)[-1]
        assert ask_org(acme.bob, f"{acme.pk}.4.{last.digest[:8]}").mode == "reset"

    def test_a_cursor_beyond_the_snapshot_resets(self, acme):
        """The head that is promised was read before that event: it cannot be followed on from."""
        events = happen(acme, 3, actor=acme.alice)
        place = place_of(acme.bob)._replace(position=2, digest=events[1].digest)
        assert org_replay(place, acme.bob.pk, cursor(events[2])).mode == "reset"

    def test_a_cursor_of_another_history_resets(self, acme):
        events = happen(acme, 3, actor=acme.alice)
        other = f"{acme.pk}.2.{events[0].digest[:8]}"
        answer = ask_org(acme.bob, other)
        assert answer.summary() == ReplaySummary("reset", 3, None)

    def test_a_cursor_of_another_organization_resets(self, acme, globex):
        happen(acme, 1, actor=acme.alice)
        foreign = happen(globex, 1, actor=globex.gina)[0]
        globex.join("bob")
        assert ask_org(acme.bob, cursor(foreign)).mode == "reset"

    def test_an_empty_log_is_resumed_from_its_beginning(self, acme):
        assert ask_org(acme.bob).summary() == ReplaySummary("latest", 0, 0)
        start = f"{acme.pk}.0.00000000"
        assert ask_org(acme.bob, start).summary() == ReplaySummary("resume", 0, 0)
        happen(acme, 2, actor=acme.alice)
        assert positions(ask_org(acme.bob, start)) == [1, 2]

    def test_the_beginning_of_another_history_resets(self, acme):
        assert ask_org(acme.bob, f"{acme.pk}.0.00000001").mode == "reset"

    def test_beyond_the_limit_the_newest_ten_and_how_many_were_missed(self, acme, monkeypatch):
        monkeypatch.setattr(replay_plan, "RESUME_LIMIT", 12)
        events = happen(acme, 14, actor=acme.alice)
        assert ask_org(acme.bob, cursor(events[1])).summary() == ReplaySummary("resume", 12, 12)
        answer = ask_org(acme.bob, cursor(events[0]))
        assert answer.summary() == ReplaySummary("reset", 10, 13)
        assert positions(answer) == list(range(5, 15))

    def test_ends_at_the_head_of_the_snapshot(self, acme):
        events = happen(acme, 5, actor=acme.alice)
        place = place_of(acme.bob)
        comment(new_task(acme, actor=acme.alice), actor=acme.alice)
        for after in (None, cursor(events[1]), "rubbish"):
            assert positions(org_replay(place, acme.bob.pk, after))[-1] == 5

    def test_every_event_comes_marked_for_the_reader(self, acme):
        orgs.change_level(membership=acme.membership(acme.carol), level=Level.PARTICIPATING)
        task = new_task(acme, actor=acme.alice)
        mentioned = comment(task, "@carol", actor=acme.alice)
        own = comment(task, "Yes?", actor=acme.carol)
        mark_read(acme.carol.pk, [mentioned.pk])
        assert [frame["notification"] for frame in frames_of(ask_org(acme.carol))] == [
            None,
            {"id": mentioned.pk, "reason": "mentioned", "unread": False, "state": "read"},
            None,
        ]
        assert frames_of(ask_org(acme.alice))[-1]["notification"] == {
            "id": own.pk,
            "reason": "creator",
            "unread": True,
            "state": "unread",
        }
        assert all(frame["replayed"] for frame in frames_of(ask_org(acme.carol)))

    def test_asks_few_queries_whatever_was_missed(self, acme, django_assert_num_queries):
        first = happen(acme, 1, actor=acme.alice)[0]
        task = new_task(acme, actor=acme.alice)
        place, bob = place_of(acme.bob), acme.bob.pk
        assign(task, acme.bob, actor=acme.alice)
        places = [place_of(acme.bob)]
        with django_assert_num_queries(5):
            org_replay(places[0], bob, cursor(first))
        for number in range(20):
            comment(task, "@carol @vera", actor=(acme.alice, acme.bob, acme.carol)[number % 3])
        place = place_of(acme.bob)
        with django_assert_num_queries(5):
            assert len(frames_of(org_replay(place, bob, cursor(first)))) == 22


class TestOfAUser:
    @pytest.fixture
    def both(self, acme, globex):
        """Carol belongs to both."""
        globex.join("carol")
        return acme, globex

    def test_without_a_cursor_gives_the_newest_ten_oldest_first(self, both):
        acme, globex = both
        happen(acme, 8, actor=acme.alice)
        happen(globex, 8, actor=globex.gina)
        answer = ask_user(acme.carol)
        assert [(frame["org_id"], frame["position"]) for frame in frames_of(answer)] == [
            *((acme.pk, position) for position in (7, 8)),
            *((globex.pk, position) for position in range(1, 9)),
        ]
        assert answer.summary() == ReplaySummary("latest", 10, 0)

    def test_only_what_is_addressed_to_the_user(self, both):
        acme, _ = both
        task = new_task(acme, actor=acme.carol)
        comment(task, actor=acme.alice)
        comment(task, actor=acme.carol)
        answer = ask_user(acme.carol)
        assert positions(answer) == [2]
        assert frames_of(answer)[0]["notification"]["reason"] == "creator"

    def test_resumes_after_each_organizations_cursor(self, both):
        acme, globex = both
        first, second = happen(acme, 4, actor=acme.alice), happen(globex, 4, actor=globex.gina)
        answer = ask_user(acme.carol, f"{cursor(first[0])},{cursor(second[2])}")
        assert [(frame["org_id"], frame["position"]) for frame in frames_of(answer)] == [
            (acme.pk, 2),
            (acme.pk, 3),
            (acme.pk, 4),
            (globex.pk, 4),
        ]
        assert answer.summary() == ReplaySummary("resume", 4, 4)

    def test_resumes_from_an_event_that_was_not_addressed_to_the_user(self, acme):
        task = new_task(acme, actor=acme.alice)
        own = comment(task, actor=acme.carol)
        comment(task, actor=acme.alice)
        assert positions(ask_user(acme.carol, cursor(own))) == [3]

    def test_with_nothing_missed_gives_nothing(self, both):
        acme, globex = both
        happen(acme, 2, actor=acme.alice)
        happen(globex, 2, actor=globex.gina)
        here = joined_cursors(org_inboxes(acme.carol.pk))
        assert ask_user(acme.carol, here).summary() == ReplaySummary("resume", 0, 0)

    @pytest.mark.parametrize("after", GARBAGE)
    def test_an_unreadable_cursor_resets(self, both, after):
        acme, _ = both
        happen(acme, 12, actor=acme.alice)
        # A readable cursor of an organization that is not (or no longer) ours counts for nothing.
        if after == "999.1.ab12cd34":
            assert ask_user(acme.carol, after).mode == "resume"
        else:
            assert ask_user(acme.carol, after).summary() == ReplaySummary("reset", 10, None)

    def test_one_cursor_ahead_resets(self, both):
        acme, globex = both
        good, last = happen(acme, 2, actor=acme.alice)[0], happen(globex, 2, actor=globex.gina)[1]
        ahead = f"{globex.pk}.3.{last.digest[:8]}"
        assert ask_user(acme.carol, f"{cursor(good)},{ahead}").mode == "reset"

    def test_one_cursor_of_another_history_resets(self, both):
        acme, globex = both
        good, other = happen(acme, 2, actor=acme.alice)[0], happen(globex, 2, actor=globex.gina)
        wrong = f"{globex.pk}.2.{other[0].digest[:8]}"
        assert ask_user(acme.carol, f"{cursor(good)},{wrong}").mode == "reset"

    def test_empty_logs_are_resumed_from_their_beginning(self, both):
        acme, globex = both
        start = joined_cursors(org_inboxes(acme.carol.pk))
        assert start == f"{acme.pk}.0.00000000,{globex.pk}.0.00000000"
        assert ask_user(acme.carol, start).summary() == ReplaySummary("resume", 0, 0)
        happen(globex, 2, actor=globex.gina)
        assert positions(ask_user(acme.carol, start)) == [1, 2]

    def test_beyond_the_limit_the_newest_ten_and_how_many_were_missed(self, both, monkeypatch):
        monkeypatch.setattr(replay_plan, "RESUME_LIMIT", 12)
        acme, globex = both
        first, second = happen(acme, 8, actor=acme.alice), happen(globex, 7, actor=globex.gina)
        at = f"{cursor(first[0])},{cursor(second[1])}"
        assert ask_user(acme.carol, at).summary() == ReplaySummary("resume", 12, 12)
        at = f"{cursor(first[0])},{cursor(second[0])}"
        assert ask_user(acme.carol, at).summary() == ReplaySummary("reset", 10, 13)

    def test_an_organization_joined_meanwhile_is_all_new(self, acme, globex):
        seen = happen(acme, 2, actor=acme.alice)[1]
        happen(globex, 2, actor=globex.gina)
        globex.join("carol")
        happen(globex, 2, actor=globex.gina)
        answer = ask_user(acme.carol, cursor(seen))
        assert [(frame["org_id"], frame["position"]) for frame in frames_of(answer)] == [
            (globex.pk, 3),
            (globex.pk, 4),
        ]
        assert answer.mode == "resume"

    def test_an_organization_left_meanwhile_is_silent(self, both):
        acme, globex = both
        happen(globex, 2, actor=globex.gina)
        seen = happen(acme, 2, actor=acme.alice)[0]
        at = f"{cursor(seen)},{globex.pk}.0.00000000"
        orgs.remove_member(by=globex.membership(globex.gina), user_id=acme.carol.pk)
        answer = ask_user(acme.carol, at)
        assert (answer.mode, [frame["org_id"] for frame in frames_of(answer)]) == ("resume", [acme.pk])
        assert {frame["org_id"] for frame in frames_of(ask_user(acme.carol))} == {acme.pk}

    def test_whoever_left_everything_gets_nothing(self, acme):
        seen = happen(acme, 2, actor=acme.alice)[0]
        carol = acme.carol
        acme.membership(carol).delete()
        assert frames_of(ask_user(carol)) == []
        assert frames_of(ask_user(carol, cursor(seen))) == []

    def test_somebody_without_an_organization_resumes_with_nothing(self, django_user_model):
        """Their cursor is empty: not one thing was missed, so nothing is to be loaded again."""
        user = django_user_model.objects.create(username="new")
        assert ask_user(user, joined_cursors(org_inboxes(user.pk))).mode == "resume"

    def test_ends_at_the_heads_of_the_snapshot(self, acme):
        events = happen(acme, 3, actor=acme.alice)
        places = org_inboxes(acme.carol.pk)
        happen(acme, 2, actor=acme.alice)
        for after in (None, cursor(events[0]), "rubbish"):
            answer = user_replay(places, acme.carol.pk, after)
            assert positions(answer)[-1] == 3
        assert user_replay(places, acme.carol.pk, cursor(events[0])).missed == 2

    def test_asks_few_queries_whatever_was_missed(self, both, django_assert_num_queries):
        acme, globex = both
        start = joined_cursors(org_inboxes(acme.carol.pk))
        assign(new_task(acme, actor=acme.alice), acme.bob, actor=acme.alice)
        places, carol = org_inboxes(acme.carol.pk), acme.carol.pk
        with django_assert_num_queries(5):
            user_replay(places, carol, start)
        for _ in range(3):
            assign(new_task(globex, actor=globex.gina), globex.hank, actor=globex.gina)
            move(new_task(acme, actor=acme.bob, description="@vera"), "done", actor=acme.bob)
        places = org_inboxes(carol)
        with django_assert_num_queries(5):
            assert len(frames_of(user_replay(places, carol, start))) == 14


class TestAnyCut:
    """A client that comes and goes at whatever points sees each event once, in order."""

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @for_all(stops=st.lists(st.integers(0, 9), max_size=6))
    def test_the_pieces_are_the_whole(self, ten_events, stops):
        bob, places = ten_events
        seen, after = [], f"{places[0].org_id}.0.00000000"
        for stop in [*sorted(stops), 10]:
            place = places[stop]
            answer = org_replay(place, bob, after)
            assert answer.mode == "resume"
            seen += positions(answer)
            mine = user_replay([place], bob, after)
            assert positions(mine) == positions(answer)
            after = str(place.cursor)
        assert seen == list(range(1, 11))

    @pytest.fixture
    def ten_events(self, acme):
        bob = acme.bob
        places = [place_of(bob)]
        task = new_task(acme, actor=acme.alice)
        places.append(place_of(bob))
        for _ in range(9):
            comment(task, actor=acme.alice)
            places.append(place_of(bob))
        return bob.pk, places


def test_a_hole_is_filled_in_order_up_to_a_limit(acme, django_assert_num_queries):
    happen(acme, 6, actor=acme.alice)
    with django_assert_num_queries(2):
        events = events_after(acme.pk, 2, limit=3)
        assert [event.position for event in events] == [3, 4, 5]
        assert {event.actor.username + event.organization.slug for event in events} == {"aliceacme"}


def test_reasons_are_read_as_they_were_delivered(acme):
    task = new_task(acme, actor=acme.alice)
    first, second = comment(task, "@bob", actor=acme.alice), comment(task, actor=acme.bob)
    alice, bob, carol = acme.alice.pk, acme.bob.pk, acme.carol.pk
    assert reasons_in_rows([first.pk, second.pk], [alice, bob]) == {
        first.pk: {bob: "mentioned"},
        second.pk: {alice: "creator"},
    }
    assert reasons_in_rows([first.pk], [carol]) == {first.pk: {carol: "org"}}
    assert reasons_in_rows([], [carol]) == {}


def test_a_frame_is_given_even_for_an_action_of_a_newer_release(acme):
    task = new_task(acme, actor=acme.alice)
    with transaction.atomic():
        (event,) = log.append(
            log.lock_head(acme.pk),
            task.pk,
            1,
            1,
            [log.Entry(Praised(5), task.title)],
            actor=acme.alice,
            now=task.created_at,
        )
    Notification.objects.create(recipient=acme.bob, event=event, organization=acme.organization, reason="org")
    frame = frames_of(ask_org(acme.bob))[-1]
    assert frame["details"] == {"stars": 5}
    assert "cannot show" in frame["sentence"]
    assert json.dumps(frames_of(ask_user(acme.bob)))
