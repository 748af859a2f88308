"""Keys: moving, marking, going places, and switching them off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.pages import rendered
from tests.browser.pages.opened import Open
from tests.browser.pages.site import Site

pytestmark = pytest.mark.browser


def test_keys_go_places_and_are_listed(opened: Callable[..., Open], site: Site) -> None:
    it = opened(rendered.task_list(rendered.boot(follow=True), rendered.task()))
    it.page.keyboard.press("/")
    expect(it.page.locator("input[type='search']")).to_be_focused()
    it.page.keyboard.type("gij?e")
    expect(it.page.locator("input[type='search']")).to_have_value("gij?e")
    it.page.evaluate("document.activeElement.blur()")
    it.page.keyboard.press("?")
    expect(it.page.locator("dialog#keys")).to_be_visible()
    expect(it.page.locator("dialog#keys kbd")).to_contain_text(["j", "k", "/", "g", "i", "Esc"])
    it.page.keyboard.press("Escape")
    it.page.keyboard.press("Control+g")
    it.page.keyboard.press("i")
    site.pages["/inbox/"] = "<title>Inbox</title>"
    assert it.wished == []
    it.page.keyboard.press("g")
    it.page.keyboard.press("i")
    it.page.wait_for_url("**/inbox/")


def test_keys_can_be_switched_off(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_list(rendered.boot(follow=True), rendered.task()))
    it.page.keyboard.press("?")
    it.page.get_by_label("Use these keys").uncheck()
    it.page.get_by_role("button", name="Close").last.click()
    it.page.keyboard.press("j")
    assert it.page.evaluate("document.activeElement.closest('[data-task]')") is None
