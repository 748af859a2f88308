"""Who gets the next connection. No clock and no socket."""

from hypothesis import given
from hypothesis import strategies as st

from realtime.least_connections import AHEAD, PATIENCE, REST, Load, least


class Dealt:
    """Loads by number, and connections that are numbers too."""

    def __init__(self, workers):
        self.loads = [Load() for _ in range(workers)]
        self.turn = 0
        for load in self.loads:
            load.is_ready = True

    def next(self, now=0.0, takes=True):
        """The number of the worker that got it, or None."""
        load = least(self.loads, now)
        if load is None:
            return None
        self.turn += 1
        load.give(self.turn, self.turn, now)
        if takes:
            assert load.take(now) == self.turn
        return self.loads.index(load)

    def open(self):
        return [load.open for load in self.loads]


def test_the_fewest_come_first_and_level_ones_have_their_turns():
    dealt = Dealt(3)
    assert [dealt.next() for _ in range(6)] == [0, 1, 2, 0, 1, 2]
    dealt.loads[1].close()
    assert [dealt.next() for _ in range(4)] == [1, 0, 2, 1]


def test_short_connections_have_their_turns():
    dealt = Dealt(2)
    for number in range(10):
        assert dealt.next() == number % 2
        dealt.loads[number % 2].close()


def test_a_new_worker_gets_all_until_it_is_level():
    dealt = Dealt(2)
    for _ in range(20):
        dealt.next()
    dealt.loads[0] = Load()
    assert dealt.next() == 1, "it is not ready"
    dealt.loads[0].is_ready = True
    assert [dealt.next() for _ in range(11)] == [0] * 11
    assert dealt.open() == [11, 11]


def test_a_worker_that_takes_its_time_is_waited_for_and_one_that_is_stuck_is_not():
    dealt = Dealt(2)
    dealt.loads[1].taken = 100
    assert [dealt.next(takes=False) for _ in range(AHEAD + 1)] == [0] * AHEAD + [None]
    assert dealt.next(now=PATIENCE) is None
    assert dealt.next(now=PATIENCE + 0.1) == 1
    assert dealt.loads[0].take(PATIENCE + 0.1) == 1
    assert dealt.next(now=PATIENCE + 0.2, takes=False) == 0


def test_a_worker_that_could_not_take_one_rests_a_moment():
    dealt = Dealt(2)
    dealt.next(takes=False)
    assert dealt.loads[0].refuse(1.0) == 1
    assert [dealt.next(now=1.0) for _ in range(3)] == [1, 1, 1]
    assert dealt.next(now=1.0 + REST) == 0


@given(st.integers(2, 5), st.lists(st.tuples(st.sampled_from("ntc"), st.integers(0, 4)), max_size=200))
def test_nobody_is_given_more_while_another_has_fewer(workers, steps):
    """`n`: somebody comes; `t`: a worker takes one; `c`: one closes."""
    dealt = Dealt(workers)
    for step, number in steps:
        load = dealt.loads[number % workers]
        if step == "t" and load.on_its_way:
            load.take(0.0)
        elif step == "c" and load.taken:
            load.close()
        elif step == "n":
            before = dealt.open()
            got = dealt.next(takes=False)
            assert got is None or before[got] == min(before)
            assert all(len(each.on_its_way) <= AHEAD for each in dealt.loads)
