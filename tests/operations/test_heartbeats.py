"""What each process says of itself: a row every few seconds, and nothing while the database is away."""

import datetime as dt

import pytest
from django.db import OperationalError
from django.utils import timezone

from base.dependencies import DATABASE, REDIS, WRITING
from operations import heartbeats
from operations.heartbeats import KEPT, LOT, Beating, beat, tidy
from operations.models import Heartbeat
from tests.waiting import wait_until

transactional = pytest.mark.django_db(transaction=True)


@transactional
def test_it_says_what_it_is_and_what_it_knows():
    REDIS.failed("connection refused")
    beat("server")
    (row,) = Heartbeat.objects.all()
    assert (row.kind, row.release) == ("server", heartbeats.VERSION)
    assert abs(row.at - timezone.now()) < dt.timedelta(minutes=1)
    assert row.figures["sockets"] == 0
    redis = next(each for each in row.dependencies if each["name"] == "redis")
    assert (redis["is_up"], redis["reason"]) == (False, "connection refused")


@pytest.mark.services
@transactional
def test_a_clock_minutes_apart_is_seen(monkeypatch):
    now = timezone.now
    monkeypatch.setattr(heartbeats.timezone, "now", lambda: now() + dt.timedelta(minutes=3))
    beat("server")
    assert Heartbeat.objects.get().clock_ahead == pytest.approx(180, abs=60)


def test_while_the_database_is_away_it_says_nothing_and_goes_on(monkeypatch, caplog):
    beats = []

    def away(kind):
        beats.append(kind)
        raise OperationalError("connection refused")

    monkeypatch.setattr(heartbeats, "beat", away)
    monkeypatch.setattr(heartbeats, "EVERY", 0.001)
    beating = Beating("follower")
    beating.start()
    try:
        wait_until(lambda: len(beats) > 3, "it tries again")
    finally:
        beating.stop()
    assert DATABASE.state().is_up is False
    assert caplog.text.count("Database at") == 1


@pytest.mark.parametrize(
    "error", ["database or disk is full", "attempt to write a readonly database"], ids=["full", "read-only"]
)
@transactional
def test_a_disk_that_takes_nothing_is_told_of_until_it_does(monkeypatch, caplog, error):
    def full(*_, **__):
        raise OperationalError(error)

    with monkeypatch.context() as patch:
        patch.setattr(Heartbeat, "save", full)
        for _ in range(3):
            with pytest.raises(OperationalError) as raised:
                beat("server")
            heartbeats.tell(raised.value)
    assert WRITING.state().reason == error
    beat("server")
    assert WRITING.state().is_up
    lines = [record.getMessage() for record in caplog.records if "Writing to the database" in record.message]
    assert [error in line for line in lines] == [True, False]


@pytest.mark.django_db
def test_rows_older_than_an_hour_go(monkeypatch):
    monkeypatch.setattr(heartbeats, "_next_tidying", dt.datetime.min.replace(tzinfo=dt.UTC))
    now = timezone.now()
    for age in (KEPT * 2, KEPT + dt.timedelta(seconds=1), KEPT - dt.timedelta(minutes=1)):
        Heartbeat.objects.create(
            at=now - age,
            host="a",
            pid=1,
            kind="server",
            release="1",
            started_at=now,
            clock_ahead=0,
            figures={},
            dependencies=[],
        )
    assert tidy(now) > now
    assert Heartbeat.objects.count() == 1
    assert LOT >= 1000
