"""What balancers and supervisors ask: the process alone, and whether it can do what it is for."""

import json

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from base import dependencies
from base.looks import Look
from operations import readiness
from operations.probes import probed
from operations.readiness import Process, look, of

WELL = {"database": "ok", "migrations": "ok", "followers": "ok"}


async def ask(path, method="GET", host=b"10.1.2.3:8000"):
    """Ask as a probe does, by number and plain http: status, headers and body."""
    sent = []

    async def send(message):
        sent.append(message)

    async def elsewhere(*_):
        raise AssertionError("the probe went on to the pages")

    scope = {"type": "http", "path": path, "method": method, "headers": [(b"host", host)], "scheme": "http"}
    await probed(elsewhere)(scope, None, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


@pytest.fixture(autouse=True)
def nobody_has_looked_yet(monkeypatch):
    monkeypatch.setattr(readiness, "readiness", Look(look))
    monkeypatch.setattr(readiness, "_followers", lambda: "ok")


@pytest.fixture
def without_a_database(monkeypatch):
    def connect(_self):
        raise OperationalError("connection refused: secret-host:5432")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", connect)


async def test_the_process_answers_without_a_database_a_host_or_https(without_a_database, settings):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["tasks.example.com"], True
    status, headers, body = await ask("/livez")
    assert (status, json.loads(body), headers[b"cache-control"]) == (200, {"status": "ok"}, b"no-store")


async def test_below_a_prefix_it_answers_with_and_without_it(settings):
    settings.PATH_PREFIX = "/carillon"
    assert (await ask("/livez"))[0] == (await ask("/carillon/livez"))[0] == 200


@pytest.mark.parametrize("method, status, length", [("HEAD", 200, 0), ("POST", 405, None)])
async def test_other_methods(method, status, length):
    answered, _, body = await ask("/livez", method)
    assert answered == status
    assert length is None or len(body) == length


@pytest.mark.django_db(transaction=True)
async def test_it_is_ready_where_all_is_well():
    status, _, body = await ask("/readyz")
    assert status == 200
    assert json.loads(body) == {
        "status": "ready",
        "process": "ok",
        "database": "ok",
        "migrations": "ok",
        "writing": "ok",
        "layer": "ok",
        "followers": "ok",
    }


async def test_without_a_database_it_is_not_ready_and_says_one_word(without_a_database):
    status, _, body = await ask("/readyz")
    assert (status, json.loads(body)["status"], json.loads(body)["database"]) == (503, "not ready", "away")
    assert b"secret-host" not in body


@pytest.mark.django_db(transaction=True)
async def test_with_a_migration_missing_it_is_not_ready(monkeypatch):
    monkeypatch.setattr(readiness, "_migrations_of_the_code", lambda: frozenset({("events", "9999_later")}))
    status, _, body = await ask("/readyz")
    assert (status, json.loads(body)["migrations"]) == (503, "missing")


@pytest.mark.django_db(transaction=True)
async def test_whoever_asks_within_a_second_gets_one_answer(monkeypatch):
    looks = []
    monkeypatch.setattr(readiness, "readiness", Look(lambda: looks.append(1) or look()))
    for _ in range(20):
        await ask("/readyz")
    assert len(looks) == 1


async def test_a_database_that_says_nothing_does_not_hold_the_probe(monkeypatch):
    import threading

    thawed = threading.Event()
    monkeypatch.setattr("base.looks.LIMIT", 0.05)
    monkeypatch.setattr(readiness, "readiness", Look(thawed.wait))
    try:
        assert (await ask("/readyz"))[0] == 503
        assert (await ask("/livez"))[0] == 200
    finally:
        thawed.set()


@pytest.mark.parametrize("is_on", [True, False])
def test_without_its_layer_it_is_degraded_and_stays_in_the_balancer(settings, is_on):
    settings.REDIS_URL = "redis://10.0.0.5:6379/0" if is_on else ""
    dependencies.layer().failed("connection refused")
    found = of(**WELL)
    assert (found.is_ready, found.status, found.parts["layer"]) == (True, "degraded", "away")


@pytest.mark.parametrize("reason", ["No space left on device", "cannot execute in a read-only transaction"])
def test_a_database_that_takes_nothing_leaves_it_degraded(reason):
    dependencies.WRITING.failed(reason)
    found = of(**WELL)
    assert (found.is_ready, found.status, found.parts["writing"]) == (True, "degraded", "fails")


def test_followers_that_are_late_leave_it_degraded():
    assert of(**WELL | {"followers": "late"}).status == "degraded"


def test_who_stops_is_not_ready(monkeypatch):
    monkeypatch.setattr(Process, "is_stopping", True)
    found = of(**WELL)
    assert (found.is_ready, found.parts["process"]) == (False, "stopping")


@pytest.mark.django_db(transaction=True)
async def test_through_the_whole_application_it_needs_no_host_of_ours():
    from config.asgi import application

    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/livez", "method": "GET", "headers": [(b"host", b"203.0.113.9")]}
    await application(scope, None, send)
    assert sent[0]["status"] == 200
    assert await sync_to_async(lambda: True)()
