"""The bell, the title, the chip and the toasts of every page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.pages import rendered
from tests.browser.pages.opened import Open, note, unread_frame
from tests.browser.pages.wire import cursor, task_event, welcome

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror='window.broken = 1'><b>bold</b>"


def test_the_bell_counts_on_every_page(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot(unread=2)))
    it.user.send(note(42), note(43), task_event(44, notification=None))
    expect(it.page.locator("[data-bell-count]")).to_have_text("4")
    expect(it.page.locator("[data-unread-org='1']")).to_have_text("4")
    assert it.page.title().startswith("(4) ")
    assert [row.get_attribute("data-event") for row in it.page.locator("#bell-rows [data-event]").all()] == [
        "1043",
        "1042",
    ]
    it.user.send(unread_frame(0, 44))
    expect(it.page.locator("[data-bell-count]")).to_be_hidden()
    assert not it.page.title().startswith("(")


def test_the_bell_shows_the_newest_six(opened: Callable[..., Open]) -> None:
    rows = [rendered.row(position) for position in (41, 40, 39, 38, 37)]
    it = opened(rendered.plain(rendered.boot(), *rows))
    it.user.send(note(42), note(43))
    first = it.page.locator("#bell-rows [data-event]").first
    expect(first).to_have_attribute("data-event", "1043")
    expect(it.page.locator("#bell-rows [data-event]")).to_have_count(6)
    assert it.page.locator(".bell input[name='seen']").input_value() == cursor(43)


def test_what_was_put_aside_elsewhere_is_in_no_list_here(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot()))
    done = {"id": 1042, "reason": "watching", "unread": False, "state": "done"}
    it.user.send(note(42, notification=done, replayed=True), note(43))
    expect(it.page.locator("#bell-rows [data-event]")).to_have_count(1)
    expect(it.page.locator("[data-event='1042']")).to_have_count(0)


def test_the_chip_follows_the_connection(opened: Callable[..., Open], context: BrowserContext) -> None:
    it = opened(rendered.plain(rendered.boot()))
    text, chip = it.page.locator("[data-state-text]"), it.page.locator("[data-state]")
    expect(text).to_have_text("Live")
    it.user.greeting = welcome(cursor(44), count=3)
    context.set_offline(True)
    expect(chip).to_have_attribute("data-state", "offline")
    expect(text).to_contain_text("Offline since ")
    context.set_offline(False)
    expect(text).to_have_text("Catching up (3)")
    it.user.send(*(note(position, replayed=True) for position in (42, 43)))
    expect(text).to_have_text("Catching up (1)")
    it.user.send(note(44, replayed=True))
    expect(text).to_have_text("Live")
    expect(it.page.locator("[data-bell-count]")).to_have_text("3")


def test_toasts_collapse_beyond_three(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot()))
    it.user.send(*(note(position) for position in range(42, 49)))
    expect(it.page.locator(".toast").nth(3)).to_contain_text("and 4 more")
    expect(it.page.locator(".toast")).to_have_count(4)
    assert it.page.locator(".toast a").first.get_attribute("href") == "/inbox/1042/"
    it.page.locator(".toast [data-act='close']").first.click()
    expect(it.page.locator(".toast")).to_have_count(3)


def test_nobody_is_told_of_their_own_deeds(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot()))
    it.user.send(note(42, actor_id=2), note(43))
    expect(it.page.locator(".toast")).to_have_count(1)
    expect(it.page.locator(".toast")).to_contain_text("number 43")


def test_text_never_becomes_markup(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot()))
    comment = {"action": "commented", "details": {"text": MARKUP, "mentions": []}}
    it.user.send(note(42, sentence=MARKUP, subject=MARKUP, actor=MARKUP, **comment))
    expect(it.page.locator("#bell-rows [data-slot='sentence']")).to_have_text(MARKUP)
    expect(it.page.locator("#bell-rows [data-slot='title']")).to_have_text(MARKUP)
    assert it.page.locator("img[onerror], b").count() == 0
    assert it.page.evaluate("window.broken") is None
