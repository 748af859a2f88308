"""For the browser modules without the product behind them: a site of files, and tabs of one browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.pages.opened import Open
from tests.browser.pages.site import Site
from tests.browser_fixtures import LIMIT_MS


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """One browser profile; its tabs share locks and channels. Nothing may be thrown."""
    wrong: list[str] = []
    context = browser.new_context(base_url=site.url, locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(LIMIT_MS)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on(
        "console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None
    )
    yield context
    context.close()
    assert not wrong


IMPORT = "async name => { window[name.split('/').pop()] = await import(`/static/js/${name}.js`) }"


@pytest.fixture
def modules(context: BrowserContext) -> Callable[..., Page]:
    """`modules("live/cursor", "parts/bell")`: a blank page where these modules are the objects `cursor` and `bell`."""

    def load(*names: str, page: Page | None = None) -> Page:
        page = page or context.new_page()
        page.goto("/")
        for name in names:
            page.evaluate(IMPORT, name)
        return page

    return load


@pytest.fixture
def opened(context: BrowserContext, site: Site) -> Callable[..., Open]:
    """`opened(html)`: that page, loaded and live."""

    def opened(html: str) -> Open:
        it = Open(context, site, html)
        it.go()
        return it

    return opened
