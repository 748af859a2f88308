"""PostgreSQL is killed and started again under open sockets: they stay, and all goes on by itself."""

import os
import subprocess
import sys
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import pytest
from asgiref.sync import sync_to_async

from servers import Postgres, UvicornServer
from tests.realtime.sockets import dial, event_frames, frame_from, org_path, user_path
from tests.waiting import LIMIT, until

pytestmark = pytest.mark.services

TOKEN = "a" * 32


@pytest.fixture
def postgres():
    with TemporaryDirectory(prefix="carillon-") as directory, Postgres(Path(directory)) as postgres:
        yield postgres


@pytest.fixture
def served(postgres, tmp_path):
    """A server on the demo's data, without Redis."""
    environment = {"DATABASE_URL": postgres.url, "REDIS_URL": "", "POLL_SECONDS": "0.2"}
    for command in (["migrate", "-v0"], ["seed_demo"]):
        own = {"DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run(
            [sys.executable, "manage.py", *command],
            env=os.environ | own | environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with UvicornServer(tmp_path, environment) as server:
        yield server


def post(server, path: str, cookie: str, **fields: str) -> HTTPResponse:
    """A form; the answer may take as long as the server waits for its database."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)
    headers = {
        "Cookie": f"{cookie}; csrftoken={TOKEN}",
        "Origin": server.base_url,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    try:
        connection.request("POST", path, urlencode(fields | {"csrfmiddlewaretoken": TOKEN}), headers)
        return connection.getresponse()
    finally:
        connection.close()


def sign_in(server, username: str) -> str:
    answer = post(server, "/accounts/login/", "", username=username, password="demo")
    cookies = answer.headers.get_all("Set-Cookie")
    return next(cookie.partition(";")[0] for cookie in cookies if cookie.startswith("sessionid="))


async def test_sockets_outlive_a_database_that_is_killed_and_started_again(served, postgres):
    alice, bob = [await sync_to_async(sign_in)(served, name) for name in ("alice", "bob")]

    def comment() -> int:
        return post(served, "/orgs/acme/tasks/1/comment/", alice, text="ding").status

    async with (
        dial(served.ws_url, org_path("acme"), bob) as org,
        dial(served.ws_url, user_path(), bob) as mine,
    ):
        position = (await event_frames(org, 10))[-1]["position"]
        await frame_from(mine)
        await sync_to_async(postgres.kill)()
        assert await sync_to_async(comment)() == 503
        await until(lambda: "Database at " in served.log, "the poll has met it")
        await org.send('{"type": "ping"}')
        assert await frame_from(org) == {"type": "pong"}
        await sync_to_async(postgres.start)()

        async def written() -> bool:
            return await sync_to_async(comment)() == 302

        await until(written, "pages recover")
        await until(written, "and go on")
        frames = await event_frames(org, 2)
        assert [frame["position"] for frame in frames] == [position + 1, position + 2]
        async with dial(served.ws_url, org_path("acme"), bob) as late:
            assert (await event_frames(late, 10))[-1]["position"] == position + 2
    assert "Traceback" not in served.log
    assert served.log.count("Database at ") == 2, "it is told of once when it goes and once when it is back"
