"""A system that drops, repeats or swaps frames is reported as one that does."""

from bench.heard import Arrival, judge, percentile

SENT = {1: 10.0, 2: 11.0, 3: 12.0}


def heard_by_one(*numbers):
    return judge([[Arrival(number, 20.0, 600) for number in numbers]], SENT)


def test_all_in_order():
    heard = heard_by_one(1, 2, 3)
    assert (heard.frames, heard.lost, heard.doubled, heard.disordered) == (3, 0, 0, 0)


def test_a_frame_that_never_came_is_lost():
    assert heard_by_one(1, 3).lost == 1
    assert heard_by_one().lost == 3


def test_a_frame_that_came_twice_is_doubled():
    heard = heard_by_one(1, 2, 2, 3)
    assert (heard.lost, heard.doubled) == (0, 1)


def test_a_frame_before_its_elder_is_disordered():
    assert heard_by_one(2, 1, 3).disordered == 1


def test_stragglers_of_another_measurement_do_not_count():
    heard = heard_by_one(99, 1, 2, 3)
    assert (heard.frames, heard.lost, heard.frame_bytes) == (3, 0, 600)


def test_each_socket_counts():
    everything = [Arrival(number, 20.0, 600) for number in SENT]
    assert judge([everything, everything, []], SENT).lost == 3


def test_latency_runs_from_each_event_of_its_own():
    heard = judge([[Arrival(1, 10.5, 600), Arrival(2, 11.25, 600), Arrival(3, 12.125, 600)]], SENT)
    assert (heard.p50, heard.p99, heard.last) == (0.25, 0.5, 12.125)


def test_percentiles_take_the_nearest_rank():
    values = [float(value) for value in range(100)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([], 0.5)) == (50, 99, 0)
