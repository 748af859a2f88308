"""Whoever is slow, stuck or gone holds no database connection that others need."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.signals import connection_created

from base.connections import client_has_left, holding
from bench.faults.pages import TOKEN, get, submit
from config import connections
from config.asgi import application
from config.postgresql import BoundedConnection
from events.models import LogHead, TaskEvent
from tasks.models import Task
from tests.events.audited import staff
from tests.realtime.sockets import session_cookie
from tests.tasks.acme import new_task
from tests.waiting import LIMIT, wait_until

TASK = "/orgs/acme/tasks/1/"
EXPORT = "/admin/events/taskevent/export/"


@pytest.fixture
def held():
    """Those that requests have opened: asked at any time, those that are open."""
    opened = []

    def open_ones():
        return [each for each in opened if each.connection is not None]

    def hear(connection, **_):
        opened.append(connection)

    connection_created.connect(hear)
    yield open_ones
    connection_created.disconnect(hear)


async def asked(path, cookie, method="GET", body=b"", hear=lambda message: None):
    """The status, from the application in this process. `hear` hears each part of the answer as it leaves."""
    headers = [
        (b"host", b"testserver"),
        (b"cookie", f"{cookie}; csrftoken={TOKEN}".encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}
    parts = [{"type": "http.request", "body": body, "more_body": False}]
    messages = []

    async def receive():
        return parts.pop() if parts else await asyncio.Event().wait()

    async def send(message):
        hear(message)
        messages.append(message)

    await application(scope, receive, send)
    return messages[0]["status"]


def ask(*arguments, **options):
    """Not `async_to_sync`: this thread has a connection of its own."""
    return asyncio.run(asked(*arguments, **options))


@pytest.mark.django_db(transaction=True)
class TestGivingBack:
    """Each answer leaves without a connection; however slowly it is read, nobody waits for it."""

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            (TASK, 200),
            ("/orgs/acme/tasks/", 200),
            ("/inbox/", 200),
            ("/api/users/me/notifications/", 200),
            ("/admin/events/taskevent/", 200),
            ("/orgs/acme/", 302),
            ("/orgs/nowhere/tasks/", 404),
            ("/nowhere/", 404),
            ("/admin/events/taskevent/x/history/", 404),
            ("/healthz", 200),
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_of_an_answer(self, acme, held, path, status, method):
        new_task(acme, actor=acme.alice)
        auditor = staff("audrey", is_superuser=True)
        acme.join("audrey")
        cookie = session_cookie(auditor)
        seen = []
        answered = ask(path, cookie, method, hear=lambda message: seen.append(held()))
        assert method == "POST" or answered == status
        assert seen[0] == []

    def test_of_a_failure(self, acme, held, monkeypatch):
        def fail(*_):
            raise RuntimeError("Fell over.")

        monkeypatch.setattr("tasks.list_views.task_page", fail)
        cookie = session_cookie(acme.bob)
        seen = []
        status = ask("/orgs/acme/tasks/", cookie, hear=lambda message: seen.append(held()))
        assert (status, seen[0]) == (500, [])

    def test_of_an_export_between_its_parts(self, acme, held, monkeypatch):
        monkeypatch.setattr("events.audit.export.CHUNK", 1)
        new_task(acme, actor=acme.alice)
        new_task(acme, actor=acme.alice)
        cookie = session_cookie(staff("audrey", is_superuser=True))
        body = f"format=jsonl&csrfmiddlewaretoken={TOKEN}".encode()
        seen = []
        assert ask(EXPORT, cookie, "POST", body, lambda message: seen.append(held())) == 200
        assert len(seen) >= 4
        assert not any(seen)


class TestLimits:
    def test_are_those_of_the_settings_and_the_address_counts_last(self, monkeypatch):
        own = {"options": "-c search_path=x", "pool": None}
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", own)
        timeouts = {"statement_timeout": 5000, "lock_timeout": 0}
        monkeypatch.setattr(settings, "SERVING_TIMEOUTS", timeouts)
        connections.limit_statements()
        assert own["options"] == "-c statement_timeout=5000 -c search_path=x"

    def test_a_pool_s_connections_wait_for_no_answer_for_ever(self, monkeypatch):
        pool = {"max_size": 10}
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"pool": pool})
        monkeypatch.setattr(settings, "SERVING_TIMEOUTS", {"statement_timeout": 5000})
        monkeypatch.setattr(connection, "close_pool", lambda: closed.append(True), raising=False)
        closed = []
        connections.limit_statements()
        assert BoundedConnection.deadline
        assert closed, "or what was opened before would go on as it was"

    def test_none_leave_the_options_alone(self, monkeypatch):
        own = {}
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", own)
        connections.limit_statements()
        assert own == {}


def waiting():
    """How many wait for a lock of this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks WHERE database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return cursor.fetchone()[0]


@pytest.fixture
def cookie(acme, globex):
    """Bob's, who is in both organizations; each has one task."""
    globex.join("bob")
    new_task(acme, actor=acme.alice)
    new_task(globex, actor=globex.gina)
    return session_cookie(acme.bob)


@pytest.mark.services
def test_one_log_that_is_locked_holds_up_nobody_else(cookie, acme, server):
    """More posts than there are connections; one of them waits in the database."""
    with ThreadPoolExecutor(14) as pool:
        with transaction.atomic():
            LogHead.objects.select_for_update().get(organization_id=acme.pk)
            posts = [pool.submit(submit, server, f"{TASK}comment/", cookie, text="x") for _ in range(14)]
            wait_until(waiting, "the first to wait for the log")
            for _ in range(5):
                assert get(server, "/orgs/globex/tasks/1/", cookie) == 200
                assert submit(server, "/orgs/globex/tasks/1/comment/", cookie, text="x") == 302
                assert get(server, TASK, cookie) == 200
                assert get(server, "/healthz") == 200
                assert waiting() == 1
        statuses = {post.result(LIMIT) for post in posts}
    assert statuses <= {302, 503}
    assert submit(server, f"{TASK}comment/", cookie, text="x") == 302


@pytest.mark.services
class TestWhileATableIsLocked:
    """On a server that waits for a lock as long as it takes."""

    @pytest.fixture
    def patient(self, start_server, server_environment, cookie):
        address = server_environment["DATABASE_URL"]
        return start_server(DATABASE_URL=f"{address}?lock_timeout=0&statement_timeout=0")

    def test_a_read_whose_client_leaves_is_stopped_and_a_write_is_not(self, patient, cookie, acme):
        written = TaskEvent.objects.count()
        with transaction.atomic():
            lock_tasks()
            reader, writer = (leaving(patient) for _ in range(2))
            reader.request("GET", TASK, headers={"Cookie": cookie})
            wait_until(lambda: waiting() == 1, "the reader to wait")
            body = f"text=x&csrfmiddlewaretoken={TOKEN}"
            writer.request("POST", f"{TASK}comment/", body, headers=form_headers(patient, cookie))
            wait_until(lambda: waiting() == 2, "the writer to wait")
            writer.close()
            reader.close()
            wait_until(lambda: waiting() == 1, "the reader to be stopped")
        wait_until(lambda: TaskEvent.objects.count() == written + 1, "what was sent to be written")
        assert "ERROR" not in patient.log

    def test_one_person_takes_four_connections_to_read(self, patient, cookie, globex):
        other = session_cookie(globex.gina)
        with transaction.atomic():
            lock_tasks()
            readers = [leaving(patient) for _ in range(12)]
            for reader in readers:
                reader.request("GET", TASK, headers={"Cookie": cookie})
            wait_until(lambda: waiting() == 4, "some of them to wait")
            assert get(patient, "/orgs/", other) == 200
            assert waiting() == 4
            for reader in readers:
                reader.close()
            wait_until(lambda: waiting() == 0, "all of them to be stopped")

    def test_the_health_is_told_though_no_connection_is_free(self, patient, acme):
        people = [session_cookie(acme.join(f"reader{number}")) for number in range(12)]
        with transaction.atomic():
            lock_tasks()
            readers = [leaving(patient) for _ in people]
            for reader, person in zip(readers, people, strict=True):
                reader.request("GET", TASK, headers={"Cookie": person})
            wait_until(lambda: waiting() == 10, "all connections to be in use")
            assert get(patient, "/healthz") == 200
            for reader in readers:
                reader.close()
            wait_until(lambda: waiting() == 0, "all of them to be stopped")


def lock_tasks():
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Task._meta.db_table} IN ACCESS EXCLUSIVE MODE")


def leaving(server):
    return HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)


def form_headers(server, cookie):
    return {
        "Cookie": f"{cookie}; csrftoken={TOKEN}",
        "Origin": server.base_url,
        "Content-Type": "application/x-www-form-urlencoded",
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_request_has_nothing_of_the_one_before_it_on_the_same_connection(method):
    """Whose client has left, as it does when its answer is complete."""
    seen = []

    async def application(scope, receive, send):
        seen.append(client_has_left())

    with holding() as earlier:
        earlier.has_left = True
        await connections.stopped_with_its_client(application)({"type": "http", "method": method}, None, None)
    assert seen == [False]
