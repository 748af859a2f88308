"""How far a replica is behind, by positions of the log and one clock."""

from base.freshness import Freshness, Standing

BOUND = 5.0


def noted(*samples: tuple[float, int]) -> Freshness:
    freshness = Freshness(BOUND)
    for at, written in samples:
        freshness.noted(written, at)
    return freshness


def test_it_is_fresh_with_all_that_was_written_a_moment_ago():
    assert noted((0, 100)).of(100, now=0) is Standing.FRESH
    assert noted((0, 100), (1, 110)).of(105, now=BOUND) is Standing.FRESH


def test_nothing_is_known_before_the_first_look():
    assert noted().of(100, now=0) is Standing.UNKNOWN


def test_it_is_not_blamed_for_what_is_new():
    freshness = noted((0, 100))
    assert freshness.of(99, now=0) is Standing.UNKNOWN
    assert freshness.of(99, now=BOUND) is Standing.UNKNOWN
    assert freshness.of(99, now=BOUND + 1) is Standing.LAGS


def test_having_what_is_old_is_not_enough():
    assert noted((0, 100), (60, 200)).of(150, now=60) is Standing.UNKNOWN


def test_one_that_lags_a_minute_is_told_as_long_as_it_does():
    freshness = Freshness(BOUND)
    for second in range(61):
        freshness.noted(100 + second, second)
        assert freshness.of(100, second) is not Standing.LAGS or second > BOUND
    assert freshness.of(100, 60) is Standing.LAGS
    assert freshness.of(158, 60) is Standing.FRESH


def test_what_is_kept_is_bounded():
    freshness = Freshness(BOUND)
    for second in range(1000):
        freshness.noted(second, second)
    assert len(freshness._noted) <= BOUND / Freshness.EVERY + 2


def test_the_primary_is_asked_once_a_second():
    freshness = Freshness(BOUND)
    assert freshness.is_due(0.0)
    freshness.noted(1, 0.0)
    assert not freshness.is_due(0.9)
    assert freshness.is_due(1.0)
