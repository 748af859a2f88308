"""Each thing that a database cannot do just now has its own sentence, made here by the database itself."""

import contextlib
import sqlite3
import threading

import pytest
from django.core.handlers.exception import convert_exception_to_response
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.test import Client
from psycopg_pool import PoolTimeout

from base.connections import Left, holding
from base.turns import Busy
from config import errors, health, unavailable
from config.unavailable import AWAY, BUSY, CROWDED, FULL, READ_ONLY, SLOW, Unavailable
from events.models import TaskEvent
from membership.services import change_role
from orgs.models import Organization, User
from tests.conftest import TRACEBACK
from tests.factories import PASSWORD
from tests.tasks.acme import Role, new_task, signed_in
from tests.tasks.threads import meanwhile
from tests.waiting import LIMIT, wait_until

KINDS = [AWAY, BUSY, CROWDED, FULL, READ_ONLY, SLOW]
on_postgresql = pytest.mark.skipif(connection.vendor == "sqlite", reason="PostgreSQL's own")
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own")


def ask(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def failed(*statements):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        ask(*statements)
    return unavailable.unavailable(caught.value)


@on_postgresql
@pytest.mark.django_db(transaction=True)
class TestOnPostgreSQL:
    @pytest.fixture(autouse=True)
    def own_connection(self):
        yield
        connection.close()

    def test_a_statement_that_takes_too_long(self):
        assert failed("SET statement_timeout = 1", "SELECT pg_sleep(60)") == SLOW

    def test_a_lock_that_is_not_free(self, acme):
        lock = f"SELECT 1 FROM {Organization._meta.db_table} FOR UPDATE"
        with transaction.atomic():
            ask(lock)
            with meanwhile(lambda: failed("SET lock_timeout = 1", lock)) as other:
                assert other.result(LIMIT) == BUSY

    def test_a_standby(self):
        assert failed("SET TRANSACTION READ ONLY", f"DELETE FROM {User._meta.db_table}") == READ_ONLY

    def test_a_transaction_that_was_left_alone(self):
        with pytest.raises((DatabaseError, InterfaceError)) as caught, transaction.atomic():
            ask("SET idle_in_transaction_session_timeout = 1")
            pid = connection.connection.info.backend_pid
            with meanwhile(lambda: wait_until(lambda: not lives(pid), "PostgreSQL to end it")) as watched:
                watched.result(LIMIT)
            ask("SELECT 1")
        assert unavailable.unavailable(caught.value) == SLOW

    def test_a_column_that_is_not_there_is_a_mistake_of_ours(self):
        assert failed("SELECT nothing") is None


def lives(pid):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid])
        return cursor.fetchone()


@on_sqlite
class TestOnSQLite:
    @pytest.fixture
    def raw(self, tmp_path):
        with contextlib.closing(sqlite3.connect(tmp_path / "x.sqlite3", timeout=0)) as raw:
            raw.execute("CREATE TABLE t (x)")
            raw.commit()
            yield raw

    def kind(self, raw, statement):
        with pytest.raises(sqlite3.OperationalError) as caught:
            raw.execute(statement)
        return unavailable.unavailable(OperationalError(str(caught.value)))

    def test_a_lock_that_is_not_free(self, raw, tmp_path):
        with contextlib.closing(sqlite3.connect(tmp_path / "x.sqlite3")) as other:
            other.execute("BEGIN IMMEDIATE")
            assert self.kind(raw, "INSERT INTO t VALUES (1)") == BUSY

    def test_a_disk_that_is_full(self, raw):
        raw.execute("PRAGMA max_page_count = 2")
        assert self.kind(raw, "INSERT INTO t VALUES (zeroblob(100000))") == FULL

    def test_a_file_that_cannot_be_written(self, raw):
        raw.execute("PRAGMA query_only = ON")
        assert self.kind(raw, "INSERT INTO t VALUES (1)") == READ_ONLY


class TestOfThePool:
    def error(self):
        error = OperationalError("couldn't get a connection after 5.00 sec")
        error.__cause__ = PoolTimeout(str(error))
        return error

    @pytest.mark.parametrize(("answers", "kind"), [(True, CROWDED), (False, AWAY)])
    def test_no_connection_came_in_time(self, monkeypatch, answers, kind):
        """The pool says the same whether all are in use or none can be made."""
        monkeypatch.setattr(health, "answers", lambda: answers)
        assert unavailable.unavailable(self.error()) == kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Busy("waited"), BUSY),
        (OperationalError("connection refused"), AWAY),
        (InterfaceError("connection already closed"), AWAY),
        (ProgrammingError("no such column"), None),
        (RuntimeError("x"), None),
        (None, None),
    ],
)
def test_the_rest_is_away_or_none_of_this(error, kind):
    assert unavailable.unavailable(error) == kind


def test_each_kind_has_words_of_its_own():
    for words in zip(*KINDS, strict=True):
        assert len(set(words)) == len(KINDS)
    assert sorted(KINDS) == sorted(
        each for each in vars(unavailable).values() if isinstance(each, Unavailable)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_page_its_json_and_its_line(rf, caplog, kind):
    page = errors.database_unavailable(rf.get("/"), OperationalError("secret-host\nmore"), kind)
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert kind.heading in page.text
    assert kind.words in page.text
    answer = errors.database_unavailable(rf.get("/api/"), OperationalError("secret-host\nmore"), kind)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert f'"code":"{kind.code}"' in answer.text
    assert "secret-host" not in page.text + answer.text
    told = [record.getMessage() for record in caplog.records]
    if kind in errors.ONCE:
        assert len(told) == 1
        assert ": secret-host more. " in told[0]
    else:
        assert told == [f"{kind.logged}: secret-host"] * 2


@pytest.mark.django_db
def test_a_form_is_told_that_many_are_writing(acme, monkeypatch):
    def busy(*_, **__):
        raise Busy("waited 10 s for a turn")

    new_task(acme, actor=acme.alice)
    bob = signed_in(acme.bob)
    monkeypatch.setattr("tasks.commenting.execute", busy)
    page = bob.post("/orgs/acme/tasks/1/comment/", {"text": "x"})
    assert page.status_code == 503
    assert "Many people are writing to the same organization" in page.text


@pytest.mark.django_db(transaction=True)
class TestOfAStandby:
    """Pages are read there; what would write asks to wait."""

    READ_ONLY = {
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
    }[connection.vendor]

    @pytest.fixture
    def bob(self, acme):
        new_task(acme, actor=acme.alice)
        change_role(by=acme.membership(acme.alice), user_id=acme.carol.pk, role=Role.VIEWER)
        client = signed_in(acme.bob)
        client.get("/inbox/")
        ask(self.READ_ONLY[0])
        yield client
        ask(self.READ_ONLY[1])

    def test_it_is_read(self, bob):
        assert bob.get("/inbox/").status_code == 200
        assert bob.get("/orgs/acme/tasks/1/").status_code == 200

    @pytest.mark.parametrize("path", ["/inbox/mark/", "/orgs/acme/tasks/1/comment/"])
    def test_a_form(self, bob, path):
        event = TaskEvent.objects.last()
        page = bob.post(path, {"act": "read", "event_ids": event.pk, "text": "x"})
        assert (page.status_code, READ_ONLY.words in page.text) == (503, True)

    def test_opening_a_notification(self, bob):
        """One of a membership, which is read by being opened."""
        page = bob.get(f"/inbox/{TaskEvent.objects.first().pk}/", follow=True)
        assert (page.status_code, READ_ONLY.words in page.text) == (503, True)

    @pytest.mark.skipif(
        connection.vendor != "sqlite", reason="what is set goes with the connection of a hasher"
    )
    def test_signing_in(self, bob):
        page = Client().post("/accounts/login/", {"login": "bob", "password": PASSWORD})
        assert (page.status_code, READ_ONLY.words in page.text) == (503, True)


def test_it_is_one_line_where_a_middleware_meets_it(rf, caplog):
    """Django would log the traceback too."""

    def middleware(_request):
        raise Busy("waited 10 s for a turn")

    request = rf.get("/")
    assert convert_exception_to_response(middleware)(request).status_code == 503
    assert TRACEBACK not in caplog.text


@pytest.mark.django_db(transaction=True)
class TestStopping:
    """What a read does in the database is ended from another thread."""

    @pytest.fixture(autouse=True)
    def no_connection_yet(self, transactional_db):
        connection.close()

    FOR_EVER = {
        "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n",
        "postgresql": "SELECT pg_sleep(3600)",
    }[connection.vendor]

    def stopped(self):
        """The kind that the statement ended with, and who held it."""
        started = threading.Event()

        def work():
            with holding() as holder:
                connection.ensure_connection()
                holders.append(holder)
                started.set()
                return self.asked()

        holders = []
        with meanwhile(work) as asked:
            started.wait(LIMIT)
            wait_until(lambda: holders[0].stop() or asked.done(), "the statement to end")
        return asked.result(), holders[0]

    def asked(self):
        with pytest.raises(OperationalError) as caught:
            ask(self.FOR_EVER)
        return unavailable.unavailable(caught.value)

    def test_ends_a_statement(self):
        kind, holder = self.stopped()
        assert kind == SLOW
        assert holder.has_left

    def test_leaves_a_transaction_alone(self):
        with holding() as holder, transaction.atomic():
            ask("SELECT 1")
            holder.stop()
            ask("SELECT 1")

    def test_refuses_who_takes_a_connection_after_it(self):
        with holding() as holder:
            holder.stop()
            with pytest.raises(Left):
                ask("SELECT 1")
            connection.close()

    def test_is_nothing_after_the_connection_went_back(self):
        with holding() as holder:
            ask("SELECT 1")
            assert holder.is_holding
            holder.give_back()
            assert not holder.is_holding
            holder.stop()

    def test_is_not_told_as_a_failure(self, rf, caplog):
        with holding() as holder:
            ask("SELECT 1")
            holder.stop()
            errors.database_unavailable(rf.get("/"), OperationalError("interrupted"), SLOW)
        assert not [record for record in caplog.records if record.levelname == "ERROR"]
