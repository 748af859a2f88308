"""The tests' own tools: a server that sees the test's rows, a browser that reports what it should."""

import http.client
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from playwright.sync_api import Page

from orgs.models import User
from servers import UvicornServer
from servers.carillon import ROOT
from tests.browser.pages.wire import until
from tests.browser_fixtures import Watch
from tests.factories import PASSWORD, UserFactory
from tests.waiting import LIMIT, wait_until


def get(server: UvicornServer, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=LIMIT)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


def test_a_killed_server_comes_back_on_the_same_database(start_server: Callable[..., UvicornServer]) -> None:
    server = start_server()
    server.kill()
    assert not server.is_running
    server.start()
    assert get(server, "/healthz")[0] == 200
    server.stop()
    assert "Traceback" not in server.log


KILLED = """
import time
from pathlib import Path
from servers import Redis
server = Redis(Path({directory!r})).start()
print(server.pid, flush=True)
time.sleep(600)
"""


def test_a_run_that_is_killed_leaves_no_server(tmp_path: Path) -> None:
    script = KILLED.format(directory=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        pid = int(run.stdout.readline())
        assert is_alive(pid)
        run.kill()
    wait_until(lambda: not is_alive(pid), "the server to end")


def is_alive(pid: int) -> bool:
    """A zombie is none: nobody may be there to reap it."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1] not in ("", "Z")


async def test_async_tests_see_what_they_write(transactional_db: None) -> None:
    user = await User.objects.acreate(username="alice")
    assert await User.objects.aget() == user


def test_a_made_up_person_can_sign_in(client: object, db: None) -> None:
    assert client.login(username=UserFactory().username, password=PASSWORD)


def test_two_people_in_two_browsers(sign_in: Callable[[User], Page]) -> None:
    alice, bob = UserFactory(), UserFactory()
    pages = {user: sign_in(user) for user in (alice, bob)}
    for user, page in pages.items():
        page.goto("/orgs/")
        boot = json.loads(page.locator("#carillon-boot").text_content() or "")
        assert boot["user_id"] == user.pk


def test_an_error_on_the_console_is_noticed(sign_in: Callable[[User], Page], watch: Watch) -> None:
    watch.expect("boo")
    page = sign_in(UserFactory())
    page.goto("/orgs/")
    page.evaluate("console.error('boo'); setTimeout(() => { throw new Error('boohoo') })")
    until(page, lambda: len(watch.found) == 2, "both errors are noticed")
    assert [text.split(":")[0] for text in watch.found] == ["console", "uncaught"]


@pytest.mark.services
def test_the_second_half_runs_on_postgresql(db: None) -> None:
    assert connection.vendor == "postgresql"
