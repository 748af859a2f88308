"""Chromium for tests: pages signed in without the login form; an error on the console fails the test."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebSocket, expect, sync_playwright

from orgs.models import User
from schema.words import Unfit
from servers import UvicornServer
from tests.chromium import ARGUMENTS, find_shell
from tests.tasks.acme import signed_in
from tests.words import checked_frame

LIMIT_MS = 60_000

SignIn = Callable[[User], Page]


Launch = Callable[[str | None], Browser]


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[Launch, asyncio.AbstractEventLoop]]:
    """Between its calls sync Playwright leaves its event loop marked as running in this thread.

    Django then refuses the ORM, and pytest-asyncio cannot run a loop. The mark is lifted here and set only
    while a browser test runs, so other tests never see it.
    """
    expect.set_options(timeout=LIMIT_MS)
    with sync_playwright() as playwright:
        running: dict[str | None, Browser] = {}

        def launch(program: str | None) -> Browser:
            if program not in running:
                running[program] = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            return running[program]

        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        yield launch, loop
        asyncio._set_running_loop(loop)
        for browser in running.values():
            browser.close()


@pytest.fixture(scope="session")
def program() -> str | None:
    """What browser tests run in; a module that needs the whole browser says so with a fixture of this name."""
    return find_shell()


@pytest.fixture
def browser(
    chromium: tuple[Launch, asyncio.AbstractEventLoop], program: str | None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Browser]:
    launch, loop = chromium
    # The ORM is called from this thread while Playwright's loop stands still: nothing runs at the same time.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    asyncio._set_running_loop(loop)
    yield launch(program)
    asyncio._set_running_loop(None)


@dataclass
class Watch:
    """What no page should do or hear: errors on the console, uncaught exceptions, requests to other hosts, frames that
    the schema does not know."""

    origin: str
    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def add(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"uncaught: {error}"))
        page.on("request", self._request)
        page.on("websocket", self._socket)

    def expect(self, pattern: str) -> None:
        """Errors that match the regular expression are part of this test."""
        self.expected.append(pattern)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:", "about:")):
            self.found.append(f"request to another host: {request.url}")

    def _socket(self, socket: WebSocket) -> None:
        def hear(text: str | bytes) -> None:
            try:
                checked_frame(socket.url, json.loads(text))
            except Unfit as unfit:
                self.found.append(f"frame: {unfit}")

        socket.on("framereceived", hear)

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.found if not any(re.search(pattern, text) for pattern in self.expected)]


@pytest.fixture
def watch(server: UvicornServer) -> Watch:
    """`watch.expect("ERR_INTERNET_DISCONNECTED")` in a test that cuts the line."""
    return Watch(server.base_url)


@pytest.fixture
def new_page(browser: Browser, server: UvicornServer, watch: Watch) -> Iterator[Callable[..., Page]]:
    """A page in a browser profile of its own, signed out; keywords are Playwright's for a context."""
    contexts = []

    def new_page(**options: object) -> Page:
        context = browser.new_context(
            **{"base_url": server.base_url, "locale": "en-GB", "timezone_id": "UTC", **options}
        )
        context.set_default_timeout(LIMIT_MS)
        context.on("page", watch.add)
        contexts.append(context)
        return context.new_page()

    yield new_page
    for context in contexts:
        context.close()
    assert not watch.unexpected


@pytest.fixture
def sign_in(new_page: Callable[..., Page], server: UvicornServer) -> Callable[..., Page]:
    """`page = sign_in(alice)`: a browser of alice's own, signed in by session cookie."""

    def sign_in(user: User, **options: object) -> Page:
        client = signed_in(user)
        page = new_page(**options)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": server.base_url}]
        )
        return page

    return sign_in
