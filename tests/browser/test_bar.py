"""The bar and a phone's dock: room for everything at 320 px, and no bars for anybody."""

from collections.abc import Callable
from itertools import combinations

import pytest
from playwright.sync_api import BrowserContext, FloatRect, Page, expect

from tests.browser.barriers import barriers_of
from tests.browser.pages import rendered
from tests.browser.pages.opened import Open, note

pytestmark = pytest.mark.browser

PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 720}
TARGET = 44  # pixels


def boxes(page: Page, selector: str) -> list[FloatRect]:
    found = [element.bounding_box() for element in page.locator(selector).all() if element.is_visible()]
    return [box for box in found if box is not None]


def overlap(one: FloatRect, other: FloatRect) -> bool:
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "width"), ("y", "height"))
    )


def test_at_320_px_everything_has_its_place(opened: Callable[..., Open], context: BrowserContext) -> None:
    boot = rendered.boot(unread=1000)
    boot["orgs"]["1"]["name"] = "The long name of an organization"
    it = opened(rendered.plain(boot))
    it.user.send(note(42))
    expect(it.page.locator(".toast")).to_be_visible()
    it.page.set_viewport_size(DESK)
    for selector in (".bar-inner > *", ".bell-button > :not(.visually-hidden)"):
        assert not any(overlap(*pair) for pair in combinations(boxes(it.page, selector), 2)), selector
    it.page.set_viewport_size(PHONE)
    context.set_offline(True)
    expect(it.page.locator(".state-text")).to_contain_text("Offline since ")
    bar = boxes(it.page, ".bar-inner > :not(.visually-hidden)")
    places = boxes(it.page, ".dock-item")
    assert (len(bar), len(places)) == (4, 4)
    assert it.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert boxes(it.page, ".bar")[0]["height"] < 60
    toast, dock = boxes(it.page, ".toast")[0], boxes(it.page, ".dock")[0]
    for group in (bar, places, [toast, dock]):
        assert not any(overlap(*pair) for pair in combinations(group, 2))
    for box in [*places, *boxes(it.page, ".bar .menu-button")]:
        assert min(box["width"], box["height"]) >= TARGET
    expect(it.page.locator(".dock [data-unread-total]")).to_have_text("999+")
    it.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    main = boxes(it.page, "main")[0]
    assert main["y"] + main["height"] <= dock["y"] + 1


@pytest.mark.parametrize(("colours", "sizes"), [("light", [PHONE, DESK]), ("dark", [DESK])])
def test_nothing_that_opens_bars_anybody(
    opened: Callable[..., Open], colours: str, sizes: list[dict[str, int]]
) -> None:
    it = opened(rendered.plain(rendered.boot(unread=2), rendered.row(41), rendered.row(40, unread=False)))
    it.page.evaluate("document.querySelector('main').innerHTML = '<h1>A page</h1>'")
    it.page.emulate_media(color_scheme=colours, reduced_motion="reduce")  # type: ignore[arg-type]
    it.user.send(note(42))
    expect(it.page.locator(".toast")).to_be_visible()
    for size in sizes:
        it.page.set_viewport_size(size)  # type: ignore[arg-type]
        for menu in (".switcher", ".account", ".bell") if size is PHONE else (".bell",):
            it.page.locator(f"{menu} summary").click()
            assert barriers_of(it.page, colours) == [], (size, menu)
        it.page.keyboard.press("Escape")
        it.page.keyboard.press("?")
        assert barriers_of(it.page, colours) == [], (size, "keys")
        it.page.keyboard.press("Escape")
