"""Keys: what each page offers is listed there; they close, go places, and can be switched off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import rendered
from tests.browser.pages.opened import Open
from tests.browser.pages.site import Site

pytestmark = pytest.mark.browser

EVERYWHERE = [
    "undo",
    "go to the inbox",
    "go to the tasks",
    "go to the board",
    "go to the history",
    "close what is open",
    "these keys",
]


def listed(page: Page) -> list[str]:
    return page.locator("dialog#keys dd").all_inner_texts()


def test_each_page_lists_its_own_keys_and_they_work(opened: Callable[..., Open], site: Site) -> None:
    it = opened(rendered.plain(rendered.boot()))
    it.page.locator(".account summary").click()
    it.page.get_by_role("button", name="Keys").click()
    assert listed(it.page) == EVERYWHERE
    it.page.keyboard.press("Escape")
    expect(it.page.locator("dialog#keys")).to_be_hidden()
    expect(it.page.locator(".account summary")).to_be_focused()

    rows = [rendered.task(number, f"11111111-1111-4111-8111-{number:012}") for number in (1, 2)]
    it = opened(rendered.task_list(rendered.boot(follow=True), *rows))
    press = it.page.keyboard.press
    press("?")
    assert listed(it.page) == ["next row", "previous row", "search", *EVERYWHERE]
    press("Escape")
    for key, number in [("j", 1), ("j", 2), ("j", 2), ("k", 1)]:
        press(key)
        assert it.page.evaluate("document.activeElement.getAttribute('href')").endswith(f"/tasks/{number}/")
    press("/")
    it.page.keyboard.type("gij?e")
    expect(it.page.locator("input[type='search']")).to_have_value("gij?e")
    it.page.evaluate("document.activeElement.blur()")
    press("Control+g")
    press("i")
    assert it.wished == []
    site.pages["/inbox/"] = "<title>Inbox</title>"
    press("g")
    press("i")
    it.page.wait_for_url("**/inbox/")


def test_the_tasks_are_there_from_pages_of_no_organization(opened: Callable[..., Open], site: Site) -> None:
    site.pages["/orgs/org-1/tasks/"] = "<title>Tasks</title>"
    it = opened(rendered.plain(rendered.boot()))
    it.page.keyboard.press("g")
    it.page.keyboard.press("t")
    it.page.wait_for_url("**/orgs/org-1/tasks/")


def test_escape_and_a_click_elsewhere_close_what_is_open(opened: Callable[..., Open]) -> None:
    """The click does what it would have done: with the bell open, the first one opens the account menu."""
    it = opened(rendered.plain(rendered.boot(), rendered.row(41)))
    bell, account = it.page.locator(".bell"), it.page.locator(".account")
    bell.locator("summary").click()
    account.locator("summary").click()
    expect(account).to_have_attribute("open", "")
    expect(bell).not_to_have_attribute("open", "")
    it.page.keyboard.press("Tab")
    it.page.keyboard.press("Escape")
    expect(account).not_to_have_attribute("open", "")
    expect(account.locator("summary")).to_be_focused()
    bell.locator("summary").click()
    it.page.locator("main").click()
    expect(bell).not_to_have_attribute("open", "")
    bell.locator("summary").click()
    bell.locator("a, button").last.focus()
    it.page.keyboard.press("Tab")  # out of it
    expect(bell).not_to_have_attribute("open", "")


def test_a_key_has_its_shift_its_moment_and_its_press(modules: Callable[..., Page]) -> None:
    page = modules("parts/keyboard")
    page.evaluate(
        """() => {
          window.done = []; window.can = false;
          const key = (name, more) => ({keys: [name], words: name, act: () => done.push(name), ...more});
          keyboard.offer([key("i"), key("shift+i"), key("e", {when: () => can}), key("j"), key("g t"), key("Enter")]);
          keyboard.keepKeys();
        }"""
    )
    press = page.keyboard.press
    for keys in ("i", "Shift+I", "Alt+i", "e", "g", "i", "t", "g", "t", "Enter"):
        press(keys)
    page.evaluate("can = true")
    for _ in range(2):
        page.keyboard.down("e")
        page.keyboard.down("j")
    assert page.evaluate("done") == ["i", "shift+i", "i", "g t", "Enter", "e", "j", "j"]


def test_keys_can_be_switched_off(opened: Callable[..., Open]) -> None:
    """All single keys, the one that lists them too: the account menu still does. Escape is none."""
    it = opened(rendered.task_list(rendered.boot(follow=True), rendered.task()))
    it.page.keyboard.press("?")
    it.page.get_by_label("Use these keys").uncheck()
    it.page.keyboard.press("Escape")
    it.page.keyboard.press("j")
    it.page.keyboard.press("?")
    expect(it.page.locator("dialog[open]")).to_have_count(0)
    assert it.page.evaluate("document.activeElement.closest('[data-task]')") is None
    it.page.locator(".account summary").click()
    it.page.keyboard.press("Escape")
    expect(it.page.locator(".account")).not_to_have_attribute("open", "")
