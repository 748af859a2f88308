"""The bell of docs/examples on a page of another origin, in Chromium."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import StartServer
from tests.tasks.acme import Team, comment, new_task
from tests.tokens.making import new_token
from tokens.scopes import INBOX

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


def test_a_page_of_another_origin_shows_a_bell(
    acme: Team, start_server: StartServer, browser: Browser, another_origin: str
) -> None:
    server = start_server(CSRF_TRUSTED_ORIGINS=another_origin)
    task = new_task(acme, actor=acme.alice)
    comment(task, "@bob one", actor=acme.alice)
    answers = iter([server.base_url, new_token(acme.bob, [INBOX]).text])
    with browser.new_context() as context:
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept(next(answers)))
        page.goto(f"{another_origin}/bell.html")
        expect(page.locator("#unread")).to_have_text("2")
        comment(task, "@bob two", actor=acme.alice)
        expect(page.locator("#unread")).to_have_text("3")
        expect(page.locator("#news li")).to_have_count(3)
        expect(page.locator("#news li").first).to_contain_text("Alice commented")
