"""A dependency is told of when it goes and when it is back: once each, whatever notices it."""

import logging
import threading
from types import SimpleNamespace

import pytest
from redis.exceptions import RedisError

from base import dependencies
from base.dependencies import MOST_LINES, SETTLED, WINDOW, Dependency, duration, reason_of

pytestmark = pytest.mark.once


@pytest.fixture
def clock(monkeypatch):
    """Seconds that only the test moves."""
    now = [1000.0]
    monkeypatch.setattr(dependencies.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def layer(monkeypatch):
    monkeypatch.setattr(dependencies, "KNOWN", [])
    return Dependency("redis", "10.0.0.5:6379", meanwhile="Pages and sockets go on.")


def told(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "base.dependencies"]


def test_its_going_and_its_return_are_told_once_however_many_notice(layer, clock, caplog):
    for _ in range(50):
        layer.failed(ConnectionError("Connection refused."))
    clock[0] += 40
    for _ in range(50):
        layer.works()
    assert told(caplog) == [
        "Redis at 10.0.0.5:6379 is away: Connection refused. Pages and sockets go on.",
        "Redis at 10.0.0.5:6379 is back after 40 s.",
    ]


def test_threads_that_notice_at_once_say_it_once(layer, caplog):
    barrier = threading.Barrier(8)

    def notice():
        barrier.wait()
        layer.failed("gone")

    threads = [threading.Thread(target=notice) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told(caplog)) == 1


def test_who_was_never_away_is_not_told_of(layer, caplog):
    layer.works()
    assert not told(caplog)
    assert layer.state().is_up


def test_who_comes_and_goes_does_not_flood(layer, clock, caplog):
    for _ in range(200):
        layer.failed("gone")
        clock[0] += 0.1
        layer.works()
        clock[0] += 0.1
    assert len(told(caplog)) == MOST_LINES


@pytest.mark.parametrize("ends_up", [True, False])
def test_the_end_of_coming_and_going_is_told_once_it_stays(layer, clock, caplog, ends_up):
    for _ in range(20):
        layer.failed("gone")
        layer.works()
    layer.failed("gone")
    if ends_up:
        clock[0] += SETTLED
        layer.failed("gone for longer")
        layer.works()
    lines = len(told(caplog))
    clock[0] += SETTLED
    layer.works() if ends_up else layer.failed("gone")
    assert len(told(caplog)) == lines + 1
    assert ("is back" if ends_up else "is away: gone") in told(caplog)[-1]


def test_after_a_while_each_is_told_of_again(layer, clock, caplog):
    for _ in range(20):
        layer.failed("gone")
        layer.works()
    clock[0] += WINDOW + 1
    layer.failed("gone again")
    assert "is away: gone again" in told(caplog)[-1]


def test_what_requests_need_is_an_error(monkeypatch, caplog):
    monkeypatch.setattr(dependencies, "KNOWN", [])
    Dependency("database", "db:5432", is_needed=True).failed("gone")
    assert caplog.records[-1].levelno == logging.ERROR


def test_its_state_says_since_when_and_why(layer, clock):
    layer.failed("refused")
    clock[0] += 7
    state = layer.state()
    assert (state.is_up, state.seconds, state.reason) == (False, 7.0, "refused")
    layer.works()
    assert (layer.state().is_up, layer.state().reason) == (True, "")


def test_one_that_was_never_used_is_neither(layer):
    assert (layer.state().is_up, layer.state().since) == (None, None)


@pytest.mark.parametrize(
    "error, reason",
    [
        (TimeoutError(), "TimeoutError"),
        (ConnectionError("Connection refused."), "Connection refused"),
        (
            RedisError("Error 111 connecting to h:6379. Connect call failed ('10.0.0.5', 6379)."),
            "Connection refused",
        ),
        (
            RedisError("Error -2 connecting to h:6379. Name or service not known."),
            "Name or service not known",
        ),
        (OSError("one\n\ttwo\nIs the server running?"), "one two"),
        (ValueError("redis://me:very@secret@db:1/0 failed"), "redis://…@db:1/0 failed"),
        ("at h/m?sentinel_password=very then", "at h/m?sentinel_password=… then"),
        ("at https://h/?api-key=very", "at https://h/?api-key=…"),
        (ValueError("host=db password=hunter2 user=a"), "host=db password=… user=a"),
    ],
)
def test_a_reason_is_one_line_without_secrets(error, reason):
    assert reason_of(error) == reason


def test_a_host_has_no_secret():
    assert Dependency("a", "smtp://me:secret@host:25").host == "smtp://…@host:25"


@pytest.mark.parametrize(
    "seconds, words", [(0.44, "0.4 s"), (40, "40 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_words(seconds, words):
    assert duration(seconds) == words


def test_hosts_of_the_database_are_named_without_its_password(monkeypatch):
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "a,b",
        "PORT": "5433",
        "PASSWORD": "x",
    }
    monkeypatch.setattr(dependencies, "settings", SimpleNamespace(DATABASES={"default": database}))
    assert dependencies.DATABASE.host == "a:5433, b:5433"


@pytest.mark.parametrize(
    "url, host",
    [
        ("redis://10.0.0.5:6379/0", "10.0.0.5:6379"),
        ("rediss://me:pa%40ss@redis.example:6380/0", "redis.example:6380"),
        ("redis+sentinel://me:pass@a:26379,b:26379/main/0", "a:26379,b:26379"),
        ("unix:///run/redis.sock", "/run/redis.sock"),
    ],
)
def test_redis_is_named_without_its_password(settings, url, host):
    settings.REDIS_URL = url
    assert dependencies.REDIS.host == host
