"""The rule of the soak: what grows is told from what wavers."""

import pytest

from bench.faults.flat import Figure


def figure(samples, slack=0.0) -> Figure:
    return Figure("memory", slack, samples)


def test_what_fills_up_first_and_then_stays_is_flat():
    assert figure([*range(50), *[50] * 100]).is_flat


def test_what_grows_without_an_end_is_not_flat():
    assert not figure(list(range(100, 250))).is_flat


def test_one_peak_is_no_growth():
    assert figure([50] * 149 + [500]).is_flat


def test_small_figures_have_the_slack_that_their_noise_needs():
    samples = [4] * 100 + [6] * 50
    assert not figure(samples).is_flat
    assert figure(samples, slack=2).is_flat


def test_five_percent_are_the_limit():
    assert figure([100] * 20 + [105] * 10).is_flat
    assert not figure([100] * 20 + [106] * 10).is_flat


def test_too_few_samples_say_nothing():
    with pytest.raises(ValueError, match="too few samples"):
        _ = figure([1, 2]).is_flat
