"""Replays that a standby answers, where it has all that their reader can have seen."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from base import replicas
from base.dependencies import DATABASE, REPLICA, REPLICA_ALIAS
from base.last_writes import last_write
from config.postgresql import ReplicaConnection, replica_of
from inbox.models import Notification
from inbox.org_inboxes import OrgInbox
from inbox.replay_plan import Ask, is_held
from inbox.states import State
from realtime.reads import Connected, Handshake, connect
from servers import Relay
from servers.process import free_port
from tests.inbox.acts import mark_read
from tests.inbox.standby import OfTheTestDatabase, OurPrimary, caught_up
from tests.tasks.acme import comment, new_task, signed_in

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


@pytest.fixture(scope="module")
def standby(django_db_setup: None) -> Iterator[OfTheTestDatabase]:
    primary = OurPrimary(connection.settings_dict)
    # Not below pytest's own, which is root's alone.
    with (
        tempfile.TemporaryDirectory(prefix="carillon-") as name,
        OfTheTestDatabase(Path(name), primary) as standby,
    ):
        yield standby


@pytest.fixture
def replica(
    standby: OfTheTestDatabase, transactional_db: None, settings: Any, monkeypatch: Any
) -> Iterator[OfTheTestDatabase]:
    """Have this thread's replica be the standby. Nothing of it stands in DATABASES: Django guards what does."""
    settings.REPLICA_URL = {"HOST": "127.0.0.1", "PORT": standby.port, "OPTIONS": {}}
    own = replica_of(connection.settings_dict, settings.REPLICA_URL)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "base.last_writes.LastWritesMiddleware"]
    monkeypatch.setattr(replicas, "_seen", replicas._Seen())
    replicas._seen.freshness.bound = 600.0  # however busy the machine is
    monkeypatch.setattr(REPLICA, "_host", f"127.0.0.1:{standby.port}")
    connections[REPLICA_ALIAS] = type(connections[DEFAULT_DB_ALIAS])(own, REPLICA_ALIAS)
    try:
        yield standby
    finally:
        standby.go_on()
        connections[REPLICA_ALIAS].close_pool()
        del connections[REPLICA_ALIAS]


def by(who: str) -> float:
    return float(replicas.READS.labels(who)._value.get())


@pytest.fixture
def answers(replica):
    """How many reads were answered `by` whom since the test began."""
    begun = {who: by(who) for who in ("replica", "primary")}
    return lambda: {who: by(who) - before for who, before in begun.items()}


@pytest.fixture
def behind(replica: OfTheTestDatabase, acme: Any, task: Any, bob: Any) -> None:
    """It follows no further than here, and is known to have come so far."""
    replicas._seen.note_primary()
    replica.pause()


@pytest.fixture
def task(acme: Any) -> Any:
    return new_task(acme, actor=acme.alice)


@pytest.mark.services
class TestWithAStandby:
    @pytest.mark.parametrize("url", [ORG, ME])
    def test_twins_are_answered_there_as_by_the_primary(
        self, acme, bob, task, replica, answers, settings, url
    ):
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

    @pytest.mark.parametrize("url", [ORG, ME])
    def test_what_was_written_or_marked_is_seen_at_once(self, acme, bob, task, behind, answers, url):
        at = bob.get(url).json()["cursor"]
        assert answers()["replica"] == 1
        event = comment(task, "@bob", actor=acme.alice)
        assert [item["position"] for item in bob.get(url, {"after": at}).json()["items"]] == [2]
        mark_read(acme.bob.pk, [event.pk])
        (item,) = bob.get(url, {"after": at}).json()["items"]
        assert item["notification"]["state"] == "read"
        assert answers() == {"replica": 1, "primary": 2}

    def test_a_mark_alone_is_seen_too(self, acme, bob, task, replica, answers):
        at = bob.get(ORG).json()["cursor"]
        event = comment(task, "@bob", actor=acme.alice)
        replicas._seen.note_primary()
        replica.pause()
        mark_read(acme.bob.pk, [event.pk])
        before = answers()["replica"]
        (item,) = bob.get(ORG, {"after": at}).json()["items"]
        assert (item["notification"]["state"], answers()["replica"]) == ("read", before)

    def test_who_is_no_member_any_more_is_told_at_once(self, acme, bob, task, behind):
        assert bob.get(ORG).status_code == 200
        acme.membership(acme.bob).delete()
        assert bob.get(ORG).status_code == 404

    def test_handshakes_read_together_are_answered_by_both(
        self, acme, globex, bob, task, replica, answers, settings
    ):
        new_task(globex, actor=globex.gina)
        hank = signed_in(globex.hank)
        replicas._seen.note_primary()
        replica.pause()
        new_task(globex, actor=globex.gina)
        asked = [Handshake(who.session.session_key, None, None) for who in (bob, hank, bob)]
        before = answers()["replica"]
        found = connect(asked)
        assert answers()["replica"] == before + 1
        assert [len(each.replay.items) for each in found if isinstance(each, Connected)] == [1, 2, 1]
        settings.REPLICA_URL = {}
        assert connect(asked) == found

    def test_what_is_large_is_read_on_there(self, acme, bob, task, replica, answers, monkeypatch):
        for _ in range(3):
            comment(task, "word " * 50, actor=acme.alice)
        monkeypatch.setattr("inbox.replay_pieces.PIECE", 1)
        caught_up(replica)
        before = answers()["replica"]
        assert [item["position"] for item in bob.get(ORG).json()["items"]] == [1, 2, 3, 4]
        assert answers()["replica"] == before + 5

    def test_one_that_lags_is_left_alone_and_told_of_once(self, acme, bob, task, replica, caplog):
        seen = replicas._seen
        replica.pause()
        seen.freshness.bound = seen.freshness.EVERY = 0.0
        comment(task, actor=acme.alice)
        for _ in range(3):
            assert len(bob.get(ORG).json()["items"]) == 2
        with CaptureQueriesContext(connections[REPLICA_ALIAS]) as asked:
            bob.get(ORG)
        assert len(asked) == 0
        told = [record.getMessage() for record in caplog.records if "Replica" in record.getMessage()]
        assert len(told) == 1
        assert "is left alone: more than 5 s behind. Reads go to the primary." in told[0]
        replica.go_on()
        caught_up(replica)
        seen.freshness.bound, seen.left_alone_until = 60.0, 0.0
        bob.get(ORG)
        assert REPLICA.state().is_up

    def test_one_that_is_away_costs_nobody_an_answer(self, acme, bob, task, replica, monkeypatch):
        _lead_to(free_port(), monkeypatch)
        assert len(bob.get(ORG).json()["items"]) == 1
        assert REPLICA.state().is_up is False
        monkeypatch.setattr(replicas, "_asking", None)  # it is left alone
        assert len(bob.get(ORG).json()["items"]) == 1

    def test_neither_does_one_that_hangs(self, acme, bob, task, replica, monkeypatch, caplog):
        monkeypatch.setattr(ReplicaConnection, "deadline", 0.3)
        caught_up(replica)
        with Relay(replica.port) as relay:
            _lead_to(relay.port, monkeypatch)
            bob.get(ORG)
            assert REPLICA.state().is_up
            relay.swallow()
            assert len(bob.get(ORG).json()["items"]) == 1
            assert "Replica at 127.0.0.1" in caplog.text and "given up" in caplog.text
            assert REPLICA.state().is_up is False
            assert DATABASE.state().is_up is not False
            connections[REPLICA_ALIAS].close_pool()

    def test_it_refuses_to_be_written(self, acme, behind):
        for sql in ("DELETE FROM orgs_user", "SET transaction_read_only = off; DELETE FROM orgs_user"):
            with pytest.raises(DatabaseError, match=r"read-only|recovery"):
                replicas._asking(lambda sql=sql: connection.cursor().execute(sql))

    def test_a_transaction_reads_what_it_wrote(self, acme, bob, task, replica):
        caught_up(replica)
        with transaction.atomic():
            comment(task, actor=acme.alice)
            assert replicas.answered(lambda: 1 / 0) is None


LIST, TASK, HISTORY, INBOX = "/orgs/acme/tasks/", "/orgs/acme/tasks/1/", "/orgs/acme/history/", "/inbox/"
PAGES = [LIST, "/orgs/acme/board/", TASK, HISTORY, INBOX]


def shown(client: Client, url: str) -> str:
    """A page, without what differs each time."""
    answer = client.get(url)
    assert answer.status_code == 200
    return re.sub(r'name="\w+" value="[^"]{30,}"', "", answer.content.decode())


@pytest.mark.services
class TestPages:
    @pytest.fixture
    def task(self, acme, bob, replica):
        task = new_task(acme, actor=acme.alice)
        bob.get(TASK)
        return task

    @pytest.mark.parametrize("url", PAGES)
    def test_are_read_there_as_from_the_primary(self, bob, task, replica, answers, settings, url):
        caught_up(replica)
        with CaptureQueriesContext(connection) as there:
            page = shown(bob, url)
        assert answers() == {"replica": 1, "primary": 0}
        settings.REPLICA_URL = {}
        with CaptureQueriesContext(connection) as here:
            assert shown(bob, url) == page
        assert "Fix the door" in page
        assert len(there) < len(here)

    @pytest.mark.parametrize("url", PAGES)
    def test_show_what_others_did_at_once(self, acme, bob, task, behind, answers, url):
        shown(bob, url)
        assert answers() == {"replica": 1, "primary": 0}
        new_task(acme, title="Paint it @bob", actor=acme.alice)
        assert "Paint it" in shown(bob, url)  # of a task it is the bell that does
        assert answers() == {"replica": 1, "primary": 1}

    def test_show_what_their_reader_did_though_no_log_has_it(self, bob, task, behind, answers):
        before = shown(bob, TASK)
        assert answers()["replica"] == 1
        at = bob.get(ORG).json()["cursor"]
        bob.post(f"{TASK}watch/", {"watching": "1"})
        assert bob.get(ORG).json()["cursor"] == at
        assert shown(bob, TASK) != before
        assert answers()["replica"] == 3, "the twins, whom watching does not concern"

    def test_that_mark_what_they_show_are_made_by_the_primary(self, acme, bob, task, replica, answers):
        event = comment(task, "@bob", actor=acme.alice)
        caught_up(replica)
        shown(bob, TASK)
        assert Notification.objects.get(event=event, recipient=acme.bob).state == State.READ
        assert answers() == {"replica": 0, "primary": 1}
        assert REPLICA.state().is_up

    def test_that_are_not_there_are_told_of_by_either(self, bob, task, replica):
        caught_up(replica)
        assert bob.get("/orgs/acme/tasks/99/").status_code == 404

    @pytest.mark.parametrize("url", [LIST, INBOX])
    def test_are_shown_to_members_alone(self, acme, bob, task, behind, url):
        acme.membership(acme.bob).delete()
        answer = bob.get(url)
        assert answer.status_code == 404 or "Fix the door" not in answer.content.decode()

    def test_with_searched_words_are_the_primarys(self, bob, task, replica, answers):
        caught_up(replica)
        shown(bob, f"{LIST}?q=door")
        assert answers() == {"replica": 0, "primary": 0}


def test_a_place_that_is_none_leads_to_the_primary(rf):
    asked = rf.get("/")
    assert last_write(asked) == 0
    for text, place in (("12", 12), ("unknown", None), ("-1", None), ("9" * 30, None), ("\u0661", None)):
        asked.COOKIES["written"] = text
        assert last_write(asked) == place


def _lead_to(port: int, monkeypatch: Any) -> None:
    """Give this thread a replica at that port."""
    connections[REPLICA_ALIAS].close_pool()
    own = replica_of(connection.settings_dict, {"HOST": "127.0.0.1", "PORT": port})
    own["OPTIONS"]["pool"]["timeout"] = 0.3
    connections[REPLICA_ALIAS] = type(connections[DEFAULT_DB_ALIAS])(own, REPLICA_ALIAS)
    monkeypatch.setattr(replicas, "_seen", replicas._Seen())


def test_without_one_nothing_is_asked(acme, bob, monkeypatch):
    assert REPLICA.state().is_up is None
    monkeypatch.setattr(replicas, "answered", None)
    new_task(acme, actor=acme.alice)
    assert len(bob.get(ORG).json()["items"]) == 1
