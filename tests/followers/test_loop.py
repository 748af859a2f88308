"""What the loop does with hints, failures and a database that is away. Rounds are run by hand, without a thread."""

import threading

import pytest
from django.db import OperationalError, connection

from followers import due
from followers import loop as loop_module
from followers.batches import lease_of
from followers.leases import Leases
from followers.loop import Loop
from followers.models import Cursor
from tests.followers.taking import Diary
from tests.tasks.acme import comment, new_task
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def diary():
    return Diary()


@pytest.fixture
def loop(diary, monkeypatch):
    """With nothing that is due at a time."""
    monkeypatch.setattr(due, "DUE", {})
    return Loop([diary])


def test_a_round_takes_all_logs_and_the_next_only_what_is_hinted(acme, globex, diary, loop):
    task = new_task(acme, actor=acme.alice)
    new_task(globex, actor=globex.gina)
    loop.round()
    comment(task, "one", actor=acme.bob)
    loop.round()
    assert (diary.positions(acme.pk), diary.positions(globex.pk)) == ([1], [1])
    loop.hint(acme.pk)
    loop.round()
    assert diary.positions(acme.pk) == [1, 2]


def test_what_no_hint_told_of_is_found_by_the_poll(acme, diary, loop, settings):
    settings.POLL_SECONDS = 0.0
    task = new_task(acme, actor=acme.alice)
    loop.round()
    comment(task, "one", actor=acme.bob)
    loop.round()
    assert diary.positions(acme.pk) == [1, 2]


def test_a_log_rests_where_the_follower_wants_many_events_at_a_time(acme, diary, loop, settings):
    settings.POLL_SECONDS, diary.rests = 0.0, 60.0
    task = new_task(acme, actor=acme.alice)
    loop.round()
    comment(task, "one", actor=acme.bob)
    loop.round()
    assert diary.positions(acme.pk) == [1]
    loop._rests_until.clear()  # as time does
    loop.round()
    assert diary.positions(acme.pk) == [1, 2]


def test_a_look_at_nothing_new_is_one_query(acme, diary, loop, django_assert_num_queries, settings):
    settings.POLL_SECONDS = 0.0
    new_task(acme, actor=acme.alice)
    loop.round()
    with django_assert_num_queries(1):
        loop.round()


def test_a_follower_that_fails_stops_neither_others_nor_other_logs(acme, globex, diary, caplog):
    class Other(Diary):
        name = "other"

    other, task = Other(), new_task(acme, actor=acme.alice)
    comment(task, "two", actor=acme.bob)
    comment(task, "three", actor=acme.bob)
    new_task(globex, actor=globex.gina)
    diary.fails_at = 2
    loop = Loop([diary, other])
    loop.round()
    assert (diary.positions(acme.pk), diary.positions(globex.pk)) == ([], [1])
    assert (other.positions(acme.pk), other.positions(globex.pk)) == ([1, 2, 3], [1])
    (record,) = caplog.records
    assert f"diary: the events after position 0 of organization {acme.pk}" in record.getMessage()
    assert "own mistake" in caplog.text


def test_what_failed_waits_and_is_tried_in_small_steps(acme, diary, loop, monkeypatch, settings, caplog):
    settings.POLL_SECONDS = 0.0
    task = new_task(acme, actor=acme.alice)
    comment(task, "two", actor=acme.bob)
    comment(task, "three", actor=acme.bob)
    diary.fails_at = 2
    loop.round()
    loop.round()
    assert len(caplog.records) == 1  # it waits
    monkeypatch.setattr(loop_module.time, "monotonic", lambda now=loop_module.time.monotonic: now() + 100)
    loop.round()
    assert diary.positions(acme.pk) == [1]
    assert "the events after position 1 of" in caplog.records[-1].getMessage()
    diary.fails_at = None
    monkeypatch.setattr(loop_module.time, "monotonic", lambda now=loop_module.time.monotonic: now() + 100)
    loop.round()
    assert diary.positions(acme.pk) == [1, 2, 3]


def test_a_log_that_somebody_else_works_on_is_left_to_them(acme, diary, loop):
    new_task(acme, actor=acme.alice)
    other = Leases()
    other.take(lease_of(diary, acme.pk))
    loop.round()
    assert diary.positions(acme.pk) == []
    other.release(lease_of(diary, acme.pk))
    loop.hint(acme.pk)
    loop.round()
    assert diary.positions(acme.pk) == [1]


def test_while_the_database_is_away_the_loop_waits_longer_and_longer(loop, monkeypatch, caplog):
    def away(*_):
        raise OperationalError("no connection")

    with monkeypatch.context() as patch:
        patch.setattr(loop_module, "logs_behind", away)
        pauses = [loop._round_safely() for _ in range(8)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert len(caplog.records) == 1
    assert loop._round_safely() < loop_module.LONGEST_PAUSE


@pytest.mark.django_db(transaction=True)
def test_a_thread_hears_of_commits_and_stops_when_told(acme, diary, settings):
    settings.POLL_SECONDS = 60.0
    loop = Loop([diary])
    thread = threading.Thread(target=_run, args=[loop])
    thread.start()
    try:
        task = new_task(acme, actor=acme.alice)
        wait_until(lambda: diary.positions(acme.pk) == [1], "the first event")
        comment(task, "one", actor=acme.bob)
        wait_until(lambda: diary.positions(acme.pk) == [1, 2], "the second, long before the poll")
    finally:
        loop.stop()
        thread.join(60)
    assert not thread.is_alive()
    assert Leases().take(lease_of(diary, acme.pk))


def _run(loop):
    try:
        loop.run()
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_several_share_the_logs_and_take_each_event_once(acme, globex, diary, settings):
    settings.POLL_SECONDS = 0.01
    loops = [Loop([diary]) for _ in range(3)]
    threads = [threading.Thread(target=_run, args=[loop]) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        task = new_task(acme, actor=acme.alice)
        for number in range(10):
            comment(task, f"{number}", actor=acme.bob)
            new_task(globex, actor=globex.gina)
        wait_until(
            lambda: sorted(Cursor.objects.values_list("position", flat=True)) == [10, 11], "all is taken"
        )
    finally:
        for loop in loops:
            loop.stop()
        for thread in threads:
            thread.join(60)
    assert diary.positions(acme.pk) == list(range(1, 12))
    assert diary.positions(globex.pk) == list(range(1, 11))
