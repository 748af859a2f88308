"""Replays that a standby answers, where it has all that their reader can have seen."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DEFAULT_DB_ALIAS, InternalError, connection, connections
from django.test.utils import CaptureQueriesContext

from base import replicas
from base.dependencies import REPLICA, REPLICA_ALIAS
from config.postgresql import replica_of
from inbox.org_inboxes import OrgInbox, org_inboxes
from inbox.replay_plan import Ask, is_held
from inbox.replica_reads import replays
from orgs.models import User
from realtime.reads import Connected, Handshake, connect
from servers import Postgres, Standby
from tests.inbox.acts import mark_read
from tests.tasks.acme import comment, new_task, signed_in
from tests.waiting import wait_until

ORG, ME = "/api/orgs/acme/notifications/", "/api/users/me/notifications/"


class TestTheRule:
    place = OrgInbox(7, "acme", "Acme", "member", "all", 1, position=12, digest="d12", revision=5)
    ask = Ask(1, [place], None, whole=True)
    points = {(7, 12): (99, "d12")}

    def test_it_has_the_head_and_the_revision(self):
        assert is_held(self.ask, self.points, {1: 5})
        assert is_held(self.ask, self.points, {1: 6})

    def test_it_lacks_the_head(self):
        assert not is_held(self.ask, {}, {1: 5})

    def test_it_has_another_history(self):
        assert not is_held(self.ask, {(7, 12): (99, "other")}, {1: 5})

    def test_it_lacks_what_the_reader_marked(self):
        assert not is_held(self.ask, self.points, {1: 4})
        assert not is_held(self.ask, self.points, {})

    def test_every_log_of_the_reader_counts(self):
        both = self.ask._replace(places=[self.place, self.place._replace(org_id=8)], whole=False)
        assert not is_held(both, self.points, {1: 5})
        assert is_held(both, self.points | {(8, 12): (98, "d12")}, {1: 5})

    def test_where_nothing_is_told_of_nothing_is_known(self):
        empty = self.place._replace(position=0, digest="0" * 64, revision=0)
        assert not is_held(self.ask._replace(places=[empty]), {}, {})
        assert not is_held(self.ask._replace(places=[]), {}, {})


class OurPrimary(Postgres):
    """The test run's own, as a standby sees it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @property
    def url(self) -> str:
        return "postgres://{USER}@{HOST}:{PORT}/{NAME}".format_map(self.settings)


class OfTheTestDatabase(Standby):
    unsafe_but_fast = (*Standby.unsafe_but_fast, "wal_retrieve_retry_interval=100ms", "hot_standby_feedback=on")

    @property
    def url(self) -> str:
        name = connection.settings_dict["NAME"]
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def follows_again(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as direct:
            direct.execute("ALTER SYSTEM RESET primary_conninfo")
            direct.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="module")
def standby(django_db_setup: None) -> Iterator[Standby]:
    primary = OurPrimary(connection.settings_dict)
    with tempfile.TemporaryDirectory(prefix="carillon-") as name:  # not below pytest's, which is root's alone
        with OfTheTestDatabase(Path(name), primary) as standby:
            yield standby


@pytest.fixture
def replica(
    standby: OfTheTestDatabase, transactional_db: None, settings: Any, monkeypatch: Any
) -> Iterator[OfTheTestDatabase]:
    """Have this thread's replica be the standby. Nothing of it stands in DATABASES: Django guards what does."""
    settings.REPLICA_URL = {"HOST": "127.0.0.1", "PORT": standby.port, "OPTIONS": {}}
    own = replica_of(connection.settings_dict, settings.REPLICA_URL)
    monkeypatch.setattr(replicas, "_seen", replicas._Seen())
    monkeypatch.setattr(REPLICA, "_host", f"127.0.0.1:{standby.port}")
    connections[REPLICA_ALIAS] = type(connections[DEFAULT_DB_ALIAS])(own, REPLICA_ALIAS)
    try:
        yield standby
    finally:
        connections[REPLICA_ALIAS].close_pool()
        del connections[REPLICA_ALIAS]


def caught_up(standby: Standby) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
        written = cursor.fetchone()[0]
    with psycopg.connect(standby.url, autocommit=True) as direct:
        reached = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        wait_until(lambda: direct.execute(reached, [written]).fetchone()[0], "the standby catches up")


def by(who: str) -> float:
    return float(replicas.READS.labels(who)._value.get())


@pytest.fixture
def answers(replica):
    """How many reads were answered `by` whom since the test began."""
    begun = {who: by(who) for who in ("replica", "primary")}
    return lambda: {who: by(who) - before for who, before in begun.items()}


@pytest.mark.services
class TestWithAStandby:
    @pytest.fixture
    def task(self, acme):
        return new_task(acme, actor=acme.alice)

    @pytest.mark.parametrize("url", [ORG, ME])
    def test_twins_are_answered_there_as_by_the_primary(self, acme, bob, task, replica, answers, settings, url):
        at = bob.get(url).json()["cursor"]
        comment(task, "@bob", actor=acme.alice)
        caught_up(replica)
        before = answers()["replica"]
        with CaptureQueriesContext(connection) as there:
            answer = bob.get(url, {"after": at}).json()
        assert answers()["replica"] == before + 1
        settings.REPLICA_URL = {}
        with CaptureQueriesContext(connection) as here:
            assert bob.get(url, {"after": at}).json() == answer
        assert len(answer["items"]) == 1
        assert len(there) <= len(here) - 4
