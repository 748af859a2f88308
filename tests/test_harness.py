"""The tests' own tools: a server that sees the test's rows, a browser that reports what it should."""

import http.client
import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.db import connection
from playwright.sync_api import Page

from orgs.models import User
from tests.browser.pages.wire import until
from tests.browser_fixtures import Watch
from tests.factories import PASSWORD, UserFactory
from tests.servers import UvicornServer
from tests.waiting import LIMIT


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
