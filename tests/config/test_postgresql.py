import psycopg
import pytest
from django.db import connection

from config.postgresql import BoundedConnection
from servers.relay import Relay

pytestmark = pytest.mark.services


@pytest.fixture
def relay():
    with Relay(int(connection.settings_dict["PORT"])) as relay:
        yield relay


@pytest.fixture
def bounded(relay, monkeypatch):
    monkeypatch.setattr(BoundedConnection, "deadline", 0.3)
    user, name = connection.settings_dict["USER"], connection.settings_dict["NAME"]
    with BoundedConnection.connect(
        host="127.0.0.1", port=relay.port, user=user, dbname=name, autocommit=True
    ) as raw:
        yield raw


def test_an_answer_that_never_comes_is_given_up(bounded, relay):
    assert bounded.execute("SELECT 1").fetchone() == (1,)
    relay.swallow()
    with pytest.raises(psycopg.OperationalError, match="given up"):
        bounded.execute("SELECT 1")
    assert bounded.closed


def test_neither_is_a_commit_waited_for(bounded, relay):
    with pytest.raises(psycopg.OperationalError, match="given up"), bounded.transaction():
        bounded.execute("SELECT 1")
        relay.swallow()


def test_without_a_deadline_it_takes_as_long_as_it_takes(bounded, monkeypatch):
    monkeypatch.setattr(BoundedConnection, "deadline", None)
    assert bounded.execute("SELECT pg_sleep(0.4) IS NOT NULL").fetchone() == (True,)


def test_once_one_was_given_up_the_others_are_suspected(bounded, relay, monkeypatch):
    monkeypatch.setattr(BoundedConnection, "silent_since", float("inf"))
    monkeypatch.setattr(BoundedConnection, "deadline", 1000.0)
    monkeypatch.setattr("config.postgresql.SUSPECTED", 0.1)
    relay.swallow()
    with pytest.raises(psycopg.OperationalError, match="given up"):
        bounded.execute("SELECT 1")


def test_who_has_answered_since_is_trusted(bounded, monkeypatch):
    monkeypatch.setattr(BoundedConnection, "silent_since", float("-inf"))
    monkeypatch.setattr("config.postgresql.SUSPECTED", 0.001)
    bounded.execute("SELECT 1")
    assert bounded.execute("SELECT pg_sleep(0.1) IS NOT NULL").fetchone() == (True,)
