"""The model of growth, without a machine: one constant at a time, so that a sum shows what is in it."""

from dataclasses import fields

import pytest

from bench.growth import company, model
from bench.growth.constants import Constants, medians, rows, slope
from bench.growth.model import Load, predict
from bench.growth.pace import Paces

pytestmark = pytest.mark.once

NOTHING = dict.fromkeys((field.name for field in fields(Constants)), 0.0)
LOAD = Load(
    organizations=4, sockets=400, events=8, recipients=10, listeners=100, connects=2, replayed=5, workers=3
)


def of(**given: float) -> Constants:
    return Constants(**NOTHING | given)


@pytest.mark.parametrize(
    ("constant", "figure", "value"),
    [
        ("post", "workers", 8),
        ("recipient", "workers", 80),
        ("hint", "workers", 24),  # by each of three
        ("frame", "workers", 800),
        ("connect", "workers", 2),
        ("replayed", "workers", 10),
        ("worker", "workers", 3),
        ("socket", "workers", 400),
        ("poll", "workers", 1.5),
        ("poll_log", "workers", 6),
        ("pg_post", "postgres", 8),
        ("pg_recipient", "postgres", 80),
        ("pg_connect", "postgres", 2),
        ("pg_replayed", "postgres", 10),
        ("pg_worker", "postgres", 3),
        ("pg_poll", "postgres", 1.5),
        ("pg_poll_log", "postgres", 6),
        ("pg_followed", "postgres", 8),
        ("pg_look", "postgres", 0.5),
        ("redis_hint", "redis", 24),
        ("followed", "followers", 8),
        ("look", "followers", 0.5),
        ("frame_bytes", "wire", 810),
        ("event_bytes", "disk", 8),
        ("recipient_bytes", "disk", 80),
        ("wal_event", "wal", 8),
        ("wal_recipient", "wal", 80),
        ("worker_bytes", "memory", 4),  # and of their parent
        ("socket_bytes", "memory", 400),
    ],
)
def test_each_constant_counts_as_often_as_its_thing_happens(constant, figure, value):
    predicted = vars(predict(of(**{constant: 1.0}), LOAD))
    assert predicted.pop(figure) == pytest.approx(value)
    assert not any(predicted.values())


def test_a_worker_without_a_socket_of_a_log_hears_nothing_of_it():
    assert model.hearing(0, 5) == 0
    assert model.hearing(1, 5) == pytest.approx(1)
    assert model.hearing(2, 2) == pytest.approx(1.5)
    assert model.hearing(1000, 5) == pytest.approx(5)


def test_a_busy_log_is_taken_once_for_each_look_and_a_quiet_one_event_by_event():
    quiet, busy = (
        Load(organizations=10, sockets=0, events=e, recipients=0, listeners=0) for e in (0.01, 1e4)
    )
    assert model.batches(quiet) == pytest.approx(0.01, rel=0.01)
    assert model.batches(busy) == pytest.approx(10 / 2.0)
    assert vars(predict(of(batch=1.0), busy))["followers"] == pytest.approx(5)


def test_one_organization_is_bound_by_its_lock_and_the_way_to_the_database():
    one = of(waits=3, locked=0.004, pg_recipient=0.00001)
    assert model.events_of_one(one, 0) == pytest.approx(250)
    assert model.events_of_one(one, 0.002) == pytest.approx(100)
    assert model.events_of_one(one, 0, recipients=600) == pytest.approx(100)


def test_what_all_write_grows_with_cores_and_shrinks_with_recipients():
    one = of(pg_post=0.004, pg_recipient=0.0001)
    assert model.events_of_all(one, 10, 2) == pytest.approx(400)
    assert model.events_of_all(one, 60, 2) == pytest.approx(200)


def test_a_restart_takes_as_long_as_the_slower_side():
    one = of(connect=0.004, replayed=0.001, pg_connect=0.002)
    assert model.restart(one, 1000, 6, cores=2, pg_cores=1) == pytest.approx(5)
    assert model.restart(one, 1000, 0, cores=4, pg_cores=1) == pytest.approx(2)


def test_a_core_carries_fewer_sockets_that_hear_more():
    one = of(socket=0.00001, frame=0.00001)
    assert model.sockets_of_core(one, 0, 0.5) == pytest.approx(50_000)
    assert model.sockets_of_core(one, 4, 0.5) == pytest.approx(10_000)


def test_connections_are_counted_for_each_process():
    assert model.connections(4, 2, notify=False) == 60
    assert model.connections(4, 2, notify=True) == 68


def test_a_slope_is_what_one_more_costs_and_never_less_than_nothing():
    assert slope((10, 5.0), (110, 25.0)) == pytest.approx(0.2)
    assert slope((10, 5.0), (110, 4.0)) == 0


def test_medians_and_units_are_for_people():
    assert medians([{"post": 1.0}, {"post": 9.0}, {"post": 2.0}]) == {"post": 2.0}
    shown = dict(rows(of(post=0.0123, frame=0.0000101, waits=3, event_bytes=1234, worker_bytes=2**27)))
    assert shown["post"] == "12.30 ms"
    assert shown["frame"] == "10.1 µs"
    assert shown["waits"] == "3"
    assert shown["event_bytes"] == "1,234 bytes"
    assert shown["worker_bytes"] == "128 MiB"


def test_a_company_needs_more_where_things_cost_more():
    cheap, dear = (
        dict(company.rows(of(post=p, socket=1e-6, pg_post=1e-3, locked=0.001))) for p in (0.01, 0.1)
    )
    hosts = next(name for name in cheap if name.startswith("hosts"))
    assert int(cheap[hosts]) < int(dear[hosts])
    assert cheap["connections without a pooler"] == "400"
    assert cheap["comments a second"] == "185"


def test_what_is_spent_at_a_slower_pace_counts_for_less(monkeypatch):
    moments = iter([0.01] * 5 + [0.02, 0.03])  # at the beginning, before and after
    monkeypatch.setattr("bench.growth.pace.pace", lambda: next(moments))
    with Paces().corrected() as corrected:
        assert corrected == []
    assert corrected == [pytest.approx(0.4)]
