import json
import os
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from base.looks import Look
from config import health
from servers import Postgres, UvicornServer
from tests.conftest import TRACEBACK
from tests.tasks.acme import new_task, signed_in
from tests.waiting import LIMIT, wait_until

PAGES = ["/orgs/", "/orgs/acme/tasks/", "/orgs/acme/tasks/1/", "/orgs/acme/members/", "/inbox/", "/admin/"]
API = ["/healthz", "/api/orgs/acme/notifications/", "/api/users/me/notifications/"]


@pytest.fixture
def database_away(acme):
    """Bob is signed in; then the database goes away."""
    new_task(acme, actor=acme.alice)
    client = signed_in(acme.bob)
    client.raise_request_exception = False

    def cursor(_self, *_):
        raise OperationalError("connection refused: secret-host:5432\nIs it running?")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "_look", Look(health._select))  # which has not looked yet
        patch.setattr(BaseDatabaseWrapper, "cursor", cursor)
        yield client


@pytest.mark.django_db
class TestHealth:
    def test_answers_while_the_database_does(self, client):
        response = client.get("/healthz")
        assert (response.status_code, response.json()) == (200, {"status": "ok"})
        assert "no-store" in response["Cache-Control"]

    def test_needs_no_session_and_no_connection_of_the_pages(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            client.get("/healthz")


@pytest.mark.django_db
class TestWhileTheDatabaseIsAway:
    @pytest.mark.parametrize("url", PAGES)
    def test_a_page_says_so(self, database_away, url):
        response = database_away.get(url)
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        text = response.content.decode()
        assert "The database does not answer just now" in text
        assert "secret-host" not in text
        assert TRACEBACK not in text

    @pytest.mark.parametrize("url", API)
    def test_a_program_is_told_so(self, database_away, url):
        response = database_away.get(url, headers={"Accept": "application/json"})
        assert (response.status_code, response["Retry-After"]) == (503, "5")
        assert response.json()["error"]["code"] == "unavailable"
        assert "secret-host" not in response.content.decode()

    @pytest.mark.parametrize("url", ["/inbox/mark/", "/orgs/acme/tasks/1/archive/", "/accounts/login/"])
    def test_a_form_is_told_so(self, database_away, url):
        body = {"act": "read", "event_ids": "1", "username": "bob", "password": "x"}
        assert database_away.post(url, body).status_code == 503

    def test_the_log_names_it_in_one_line(self, database_away, caplog):
        for _ in range(3):
            database_away.get("/inbox/")
        (record,) = (record for record in caplog.records if record.levelname == "ERROR")
        assert "is away: connection refused: secret-host:5432." in record.getMessage()

    def test_the_sign_in_page_still_stands(self, database_away, client):
        assert client.get("/accounts/login/").status_code == 200


@pytest.mark.django_db
async def test_it_is_told_under_asgi_too_when_it_hits_between_the_views(async_client, monkeypatch):
    """What a middleware raises never passes `process_exception`."""
    async_client.raise_request_exception = False

    def away(*_):
        raise OperationalError("away")

    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", away)
    page = await async_client.get("/orgs/")
    assert page.status_code == 503
    answer = await async_client.get("/api/users/me/notifications/")
    assert json.loads(answer.content)["error"]["code"] == "unavailable"


@pytest.mark.services
def test_postgresql_may_go_and_come_back(tmp_path):
    """503 meanwhile; the server recovers by itself."""
    with TemporaryDirectory(prefix="carillon-") as directory, Postgres(Path(directory)) as postgres:
        environment = {"DATABASE_URL": postgres.url, "REDIS_URL": ""}
        migrate(environment)
        with UvicornServer(tmp_path, environment) as server:
            assert status(server) == 200
            postgres.stop()
            wait_until(lambda: status(server) == 503, "it to be seen")
            postgres.start()
            wait_until(lambda: status(server) == 200, "the server to recover")
            assert TRACEBACK not in server.log


def migrate(environment):
    own = {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, env=os.environ | own | environment, check=True)


def status(server):
    connection = HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()
