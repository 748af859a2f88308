"""The bell of docs/examples on a page of another origin, in Chromium."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from servers.carillon import UvicornServer
from tests.conftest import StartServer
from tests.tasks.acme import Team, comment, new_task
from tests.tokens.making import new_token
from tokens.scopes import INBOX, READ
from tokens.services import revoke

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

pytestmark = pytest.mark.browser


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def another_origin() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(EXAMPLES))) as site:
        Thread(target=site.serve_forever).start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()


def bell(page: Page, origin: str, server: UvicornServer, token: str) -> None:
    answers = iter([f"{server.base_url}/", token])  # the address as it is copied from a browser
    page.on("dialog", lambda dialog: dialog.accept(next(answers)))
    page.goto(f"{origin}/bell.html")


def test_a_page_of_another_origin_shows_a_bell(
    acme: Team, start_server: StartServer, browser: Browser, another_origin: str
) -> None:
    server = start_server(CSRF_TRUSTED_ORIGINS=another_origin)
    task = new_task(acme, actor=acme.alice)
    comment(task, "@bob one", actor=acme.alice)
    made = new_token(acme.bob, [INBOX])
    with browser.new_context() as context:
        page = context.new_page()
        bell(page, another_origin, server, made.text)
        expect(page.locator("#unread")).to_have_text("2")
        comment(task, "@bob two", actor=acme.alice)
        expect(page.locator("#unread")).to_have_text("3")
        expect(page.locator("#news li")).to_have_count(3)
        expect(page.locator("#news li").first).to_contain_text("Alice commented")

        server.kill()
        comment(task, "@bob three", actor=acme.alice)
        server.start()
        expect(page.locator("#unread")).to_have_text("4", timeout=40_000)  # it backs off meanwhile
        expect(page.locator("#news li")).to_have_count(4)

        with page.expect_event("pageerror") as error:
            revoke([made.token])
        assert "was revoked" in error.value.message


OPENED = """([address, token]) => new Promise((resolve) => {
  const socket = new WebSocket(address, ["carillon", `carillon.bearer.${token}`]);
  socket.onmessage = ({data}) => resolve([socket.protocol, JSON.parse(data).type]);
  socket.onclose = ({code}) => resolve(["closed", code]);
})"""


@pytest.mark.parametrize(
    ("scopes", "answer"), [([INBOX], ["carillon", "welcome"]), ([READ], ["closed", 1006])]
)
def test_a_page_of_another_origin_opens_a_socket_by_a_token_among_the_subprotocols(
    acme: Team,
    server: UvicornServer,
    browser: Browser,
    another_origin: str,
    scopes: list[str],
    answer: list[object],
) -> None:
    """No origin has to be trusted for it: a cookie is not read beside a token."""
    address = f"{server.ws_url}/ws/users/me/notifications/"
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(another_origin)
        assert page.evaluate(OPENED, [address, new_token(acme.bob, scopes).text]) == answer
