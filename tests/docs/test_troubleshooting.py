"""What docs/troubleshooting.md describes, reproduced."""

import os
import subprocess
import sys
import urllib.parse
import urllib.request

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import SynchronousOnlyOperation
from django.test import Client
from playwright.sync_api import Browser, expect
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from orgs.models import Organization
from realtime import codes
from realtime.threads import in_thread
from servers import UvicornServer
from servers.carillon import ROOT
from tests.conftest import TRACEBACK
from tests.realtime.sockets import (
    LIMIT,
    Socket,
    dial,
    event_frames,
    frame_from,
    org_path,
    session_cookie,
    user_path,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.usefixtures("closed_connections")
acookie = sync_to_async(session_cookie)


async def refusal(url: str, cookie: str, **options) -> int:
    """The HTTP status of a handshake that is refused."""
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, additional_headers={"Cookie": cookie}, **options):
            pass
    return refused.value.response.status_code


def status_of(url: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=LIMIT) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def post(server, user, path: str, **body: object) -> int:
    """A form of the user's, sent to this very server."""
    token = "a" * 32
    data = urllib.parse.urlencode({**body, "csrfmiddlewaretoken": token}).encode()
    headers = {"Cookie": f"{session_cookie(user)}; csrftoken={token}", "Origin": server.base_url}
    request = urllib.request.Request(server.base_url + path, data, headers)
    with urllib.request.urlopen(request, timeout=LIMIT) as answer:
        return answer.status


class TestTheSocketDoesNotOpen:
    async def test_a_host_that_is_not_allowed(self, start_server, world):
        server = await sync_to_async(start_server)()
        page = f"{server.base_url}/accounts/login/"
        assert await sync_to_async(status_of)(page, Host="nowhere.example") == 400
        url = f"ws://nowhere.example{org_path('acme')}"
        elsewhere = {"host": "127.0.0.1", "port": server.port, "origin": "http://nowhere.example"}
        assert await refusal(url, await acookie(world.bob), **elsewhere) == 403

    async def test_an_origin_that_is_not_ours(self, server, world):
        cookie = await acookie(world.bob)
        for origin in ("http://evil.example", f"http://127.0.0.1:{server.port + 1}", None):
            assert await refusal(server.ws_url + org_path("acme"), cookie, origin=origin) == 403

    async def test_a_path_that_is_not_ours_is_refused_quietly(self):
        """This test has no database: a query would raise."""
        for path in ("/ws/orgs/acme/notifications", "/ws/", "/ws/nothing/"):
            assert await Socket(path, "sessionid=known").connect() == (False, codes.NOT_A_MEMBER)


class TestSeveralProcessesWithoutRedis:
    def test_two_workers_without_redis_do_not_start(self):
        ended = subprocess.run(
            [sys.executable, "manage.py", "serve", "--workers", "2"],
            env=os.environ
            | {"DJANGO_SETTINGS_MODULE": "config.settings", "REDIS_URL": "", "DATABASE_URL": "sqlite:////x"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 1
        assert "realtime.E001" in ended.stderr
        assert "Set REDIS_URL" in ended.stderr
        assert TRACEBACK not in ended.stderr

    @pytest.mark.first
    async def test_two_servers_without_redis_follow_by_polling(self, start_server, world):
        one, two = [await sync_to_async(start_server)(REDIS_URL="") for _ in range(2)]
        cookie = await acookie(world.bob)
        apost = sync_to_async(post)
        async with (
            dial(one.ws_url, user_path(), cookie) as here,
            dial(two.ws_url, user_path(), cookie) as there,
        ):
            for connection in (here, there):
                first = (await event_frames(connection, 1))[0]
            await apost(one, world.alice, "/orgs/acme/tasks/1/comment/", text="First")
            for connection in (here, there):
                assert (await event_frames(connection, 1))[0]["position"] == 2

            # What has no position does not cross: a later event is the next that the other process tells of.
            await apost(one, world.bob, "/inbox/mark/", act="read", event_ids=first["event_id"])
            assert (await frame_from(here))["type"] == "unread"
            await apost(one, world.alice, "/orgs/acme/tasks/1/comment/", text="Second")
            frame = await frame_from(there)
            assert (frame["type"], frame["position"]) == ("task_event", 3)


class Runserver(UvicornServer):
    """Django's development server."""

    name = "runserver"

    def command(self) -> list[str]:
        return [sys.executable, "manage.py", "runserver", f"127.0.0.1:{self.port}", "--noreload"]


@pytest.fixture
def runserver(transactional_db, server_environment, tmp_path):
    with Runserver(tmp_path, server_environment) as server:
        yield server


class TestRunserver:
    async def test_runserver_is_no_socket_server(self, runserver, world):
        cookie = await acookie(world.bob)
        assert await refusal(runserver.ws_url + user_path(), cookie, origin=runserver.base_url) == 404
        twin = f"{runserver.base_url}/api/users/me/notifications/"
        assert await sync_to_async(status_of)(twin, Cookie=cookie) == 200

    def test_a_page_of_runserver_is_live_by_polling(self, browser: Browser, runserver, world):
        """Three handshakes fail while the twin answers; then it reads the twin on a timer."""
        client = Client()
        client.force_login(world.bob)
        context = browser.new_context(base_url=runserver.base_url)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": runserver.base_url}])
        page = context.new_page()
        page.goto("/inbox/")
        expect(page.locator("[data-state-text]").first).to_have_text("Live, by polling")
        assert wait_until(lambda: "/ws/users/me/notifications/" in runserver.log, "a handshake in the log")
        context.close()


class TestDatabaseAccessFromAsyncCode:
    async def test_the_database_is_not_read_on_the_event_loop(self, world):
        with pytest.raises(SynchronousOnlyOperation):
            Organization.objects.count()

    async def test_in_thread_reads_from_async_code(self, world):
        assert await in_thread(Organization.objects.count) == 2
