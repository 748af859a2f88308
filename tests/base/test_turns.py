"""Writers wait for one another in the process: in order, with limits, and without a database connection."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from django.db import connection, connections, transaction

from base import transactions
from base.transactions import write_transaction
from base.turns import Busy, Turns
from tests.tasks.threads import meanwhile
from tests.waiting import LIMIT, wait_until


@pytest.fixture
def turns():
    return Turns(patience=LIMIT)


def in_thread(stack, work):
    return stack.enter_context(ThreadPoolExecutor(1)).submit(work)


def test_threads_are_served_in_the_order_they_came(turns):
    served = []

    def work(number):
        with turns.turn("a"):
            served.append(number)

    with ExitStack() as stack, turns.turn("a"):
        for number in range(12):
            in_thread(stack, lambda number=number: work(number))
            wait_until(lambda: turns.waiting("a") == number + 1, "the thread to queue")  # noqa: B023
    assert served == list(range(12))
    assert not turns._queues, "nothing is kept of a place where nobody is"


@pytest.mark.parametrize("room", [1, 3])
def test_so_many_are_inside_as_there_is_room_for(turns, room):
    inside, most = [], []
    go = threading.Barrier(8)

    def work():
        go.wait(LIMIT)
        for _ in range(200):
            with turns.turn("a", room):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work) for _ in range(8)]:
            done.result(LIMIT)
    assert len(most) == 1_600
    assert max(most) <= room
    assert not turns._queues


def test_places_do_not_wait_for_one_another(turns):
    with turns.turn("a"), turns.turn("b"), ExitStack() as stack:
        assert in_thread(stack, lambda: turns.waiting("a")).result(LIMIT) == 0


def test_an_error_gives_the_turn_to_the_next(turns):
    with ExitStack() as stack:
        with pytest.raises(ZeroDivisionError), turns.turn("a"):
            next_one = in_thread(stack, lambda: turns.turn("a").__enter__())
            wait_until(lambda: turns.waiting("a"), "the thread to queue")
            raise ZeroDivisionError
        next_one.result(LIMIT)


def test_who_has_waited_too_long_is_refused_and_leaves_the_queue():
    turns = Turns(patience=0.01)
    with turns.turn("a"), ExitStack() as stack:
        waited = in_thread(stack, lambda: turns.turn("a").__enter__())
        with pytest.raises(Busy):
            waited.result(LIMIT)
        assert turns.waiting("a") == 0
    with turns.turn("a"):
        pass
    assert not turns._queues


def test_a_turn_that_comes_in_the_last_moment_is_taken(turns, monkeypatch):
    """The patience is over, and before the thread leaves its place is served."""
    gives_up = Turns._gives_up

    def late(self, place, ticket):
        self._pass_on(place)
        return gives_up(self, place, ticket)

    monkeypatch.setattr(Turns, "_gives_up", late)
    monkeypatch.setattr("base.turns.give_back", lambda: None)  # another test may have left a connection
    turns._patience = 0.01
    assert turns._enter_or_queue("a", 1) is None
    with turns.turn("a"):
        assert turns._queues["a"].inside == 1
    assert not turns._queues


def test_a_queue_that_is_too_long_is_refused_at_once():
    turns = Turns(patience=LIMIT, most_waiting=1)
    with ExitStack() as stack, turns.turn("a"):
        stack.enter_context(meanwhile(lambda: turns.turn("a").__enter__()))
        wait_until(lambda: turns.waiting("a") == 1, "the thread to queue")
        with pytest.raises(Busy), turns.turn("a"):
            pass


@pytest.mark.django_db(transaction=True)
class TestWriteTransaction:
    @pytest.fixture(autouse=True)
    def turns(self, monkeypatch):
        turns = Turns(patience=LIMIT)
        monkeypatch.setattr(transactions, "_turns", turns)
        return turns

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="a file is open to all")
    def test_who_waits_for_a_turn_holds_no_connection(self, turns):
        own = []

        def write():
            own.append(connections["default"])
            own[0].ensure_connection()
            with write_transaction("org-1"):
                return own[0].connection is not None

        with ExitStack() as stack, turns.turn("org-1"):
            work = stack.enter_context(meanwhile(write))
            wait_until(lambda: turns.waiting("org-1") == 1, "the writer to queue")
            wait_until(lambda: own[0].connection is None, "its connection to go back")
        assert work.result(LIMIT)

    def test_the_turn_ends_with_the_commit_and_not_with_what_comes_after_it(self, turns, announcements):
        seen = []
        with write_transaction("org-1"):
            assert set(turns._queues) == {"org-1", ""}
            transaction.on_commit(lambda: seen.append(dict(turns._queues)))
        assert seen == [{}]

    def test_inside_another_transaction_nobody_queues(self, turns):
        with write_transaction("org-1"), write_transaction("org-2"):
            assert set(turns._queues) == {"org-1", ""}

    def test_a_rollback_ends_the_turn(self, turns):
        with pytest.raises(ZeroDivisionError), write_transaction("org-1"):
            raise ZeroDivisionError
        assert not turns._queues
