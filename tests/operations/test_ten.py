"""The ten figures, made of what instruments stand at."""

import dataclasses

import pytest

from operations.lately import Gained, Lately
from operations.ten import made, ten
from realtime.refusals import REFUSALS

pytestmark = pytest.mark.once

NOW = 1_800_000_000.0


def labelled(name: str, /, **labels: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    return name, tuple(sorted(labels.items()))


def buckets(*counts: tuple[str, float]) -> dict:
    return {labelled("delivery_seconds_bucket", le=edge): count for edge, count in counts}


def test_a_process_that_has_done_nothing_says_so():
    figures = made({}, Gained({}), NOW)
    assert (figures.sockets, figures.closes, figures.server_errors, figures.handshakes_refused) == (
        0,
        {},
        0,
        0,
    )
    counted = {"sockets", "closes", "server_errors", "handshakes_refused"}
    rest = {name: value for name, value in dataclasses.asdict(figures).items() if name not in counted}
    assert set(rest.values()) == {None}


def test_what_instruments_stand_at_becomes_figures():
    figures = made(
        {
            labelled("sockets"): 3.0,
            labelled("polled_timestamp_seconds"): NOW - 4,
            labelled("layer_up", way="hears"): 1.0,
            labelled("layer_up", way="sends"): 0.0,
            labelled("database_pool_size"): 4.0,
            labelled("database_pool_in_use"): 2.0,
            labelled("database_pool_waiting"): 1.0,
            labelled("last_run_timestamp_seconds", name="audit"): NOW - 60,
            labelled("last_run_ok", name="audit"): 0.0,
            labelled("last_run_timestamp_seconds", name="exported_head"): NOW - 90,
        },
        Gained(
            {
                labelled("events_heard_total", by="hint"): 9.0,
                labelled("events_heard_total", by="poll"): 1.0,
                labelled("socket_closes_total", code="4408"): 2.0,
                labelled("socket_closes_total", code="4500"): 1.0,
                labelled("requests_total", route="home", status="503"): 2.0,
                labelled("requests_total", route="inbox", status="503"): 1.0,
                labelled("requests_total", route="home", status="404"): 7.0,
                labelled("refusals_total", kind="Too many connections"): 4.0,
            }
        ),
        NOW,
    )
    assert (figures.sockets, figures.poll_age, figures.layer_is_up) == (3, 4.0, False)
    assert (figures.pool_in_use, figures.pool_waiting) == (2, 1)
    assert (figures.audit_age, figures.audit_is_clean, figures.head_age) == (60.0, False, 90.0)
    assert figures.found_by_poll == 0.1
    assert figures.closes == {"4408": 2, "4500": 1}
    assert (figures.server_errors, figures.handshakes_refused) == (3, 5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([("0.1", 100.0), ("0.2", 100.0), ("+Inf", 100.0)], 0.099),
        ([("0.1", 98.0), ("0.2", 100.0), ("+Inf", 100.0)], 0.15),
        ([("0.1", 0.0), ("0.2", 0.0), ("+Inf", 5.0)], 0.2),
        ([("0.1", 0.0), ("0.2", 0.0), ("+Inf", 0.0)], None),
        ([], None),
    ],
)
def test_a_percentile_is_estimated_from_buckets(counts, expected):
    found = Gained(buckets(*counts)).percentile("delivery_seconds", 0.99)
    assert found == (expected and pytest.approx(expected))


def test_only_about_the_last_minute_counts():
    lately, key = Lately(), labelled("requests_total", route="home", status="500")
    gains = [
        lately.gained({key: stand}, now).total("requests_total")
        for now, stand in [(0, 2.0), (30, 3.0), (61, 3.0), (91, 4.0), (1000, 4.0), (1000.5, 9.0)]
    ]
    assert gains == [2, 3, 3, 1, 0, 5]


def test_they_are_read_from_the_instruments_of_this_process():
    before = ten().handshakes_refused
    REFUSALS.labels("Too many tests").inc()
    assert ten().handshakes_refused == before + 1
