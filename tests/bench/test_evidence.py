"""Delays are taken from the write to each display."""

from bench.faults.book import Written
from bench.faults.evidence import Evidence
from bench.faults.history import Record, Shown

WRITES = [Written(1, 10.0, 10.1, [1, 2]), Written(1, 20.0, 20.1, [3]), Written(2, 30.0, 30.1, [1])]
ONE = Record("one", {}, [Shown(10.5, 1, 1, 7), Shown(11.0, 1, 2, 8)])
TWO = Record("two", {}, [Shown(12.0, 1, 1, 7), Shown(99.0, 2, 1, 9)])


def test_each_display_of_each_event_counts_from_the_beginning_of_its_write():
    evidence = Evidence([ONE, TWO], WRITES)
    assert evidence.delays(0, 30.0) == [0.5, 1.0, 2.0]
    assert evidence.slowest(0) == 69.0


def test_writes_are_chosen_by_when_they_began():
    evidence = Evidence([], WRITES)
    assert evidence.written(10.0, 20.0) == WRITES[:1]
    assert evidence.written(20.0) == WRITES[1:]
