"""What a toast is for: news that concern the reader, in one sentence, and never in the way."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import rendered
from tests.browser.pages.opened import Open, note
from tests.browser.pages.wire import task_event, until

pytestmark = pytest.mark.browser


def why(position: int, reason: str) -> dict[str, Any]:
    return {"id": 1000 + position, "reason": reason, "unread": True, "state": "unread"}


def test_only_what_concerns_the_reader_and_a_burst_in_one_sentence(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot()))
    toasts = it.page.locator(".toast")
    it.user.send(note(42, notification=why(42, "org")), note(43, actor_id=2), note(44))
    expect(toasts).to_contain_text("Alice did number 44")
    assert toasts.locator("a").get_attribute("href") == "/inbox/1044/"
    for position, actor in zip(range(45, 50), ["Carol", "Dan", "Carol", "Dan", "Eve"], strict=True):
        who = {"actor": actor, "actor_id": 10 + len(actor)}
        it.user.send(note(position, task_id=str(UUID(int=position)), **who))
    expect(toasts).to_contain_text("Eve and 2 others, 6 changes in 6 tasks")
    expect(toasts).to_have_count(1)
    assert toasts.locator("a").get_attribute("href") == "/inbox/"
    toasts.get_by_role("button", name="Close").click()
    expect(toasts).to_have_count(0)


def test_nothing_lies_over_what_is_open(opened: Callable[..., Open]) -> None:
    """What would have is in the bell; the next one shows again."""
    it = opened(rendered.plain(rendered.boot()))
    toasts, bell = it.page.locator(".toast"), it.page.locator(".bell summary")
    it.user.send(note(42))
    expect(toasts).to_have_count(1)
    bell.click()
    expect(toasts).to_have_count(0)
    it.user.send(note(43))
    expect(it.page.locator(".bell-news")).to_have_text("1 new")
    it.page.keyboard.press("Escape")
    until(it.page, lambda: "1043" in it.page.locator("#bell-rows").inner_html(), "the bell has it")
    it.user.send(note(44, task_id=str(UUID(int=7))))
    expect(toasts).to_contain_text("number 44")
    expect(toasts).to_have_count(1)


def test_the_page_of_the_task_itself_says_it_already(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_detail(rendered.boot(41, follow=True), rendered.task()))
    it.user.send(note(42), note(43, task_id=str(UUID(int=7))))
    expect(it.page.locator(".toast")).to_contain_text("number 43")


def test_a_toast_says_how_much_there_was(modules: Callable[..., Page]) -> None:
    page = modules("parts/toasts")
    told = [task_event(position, actor="Bob Meyer", actor_id=5) for position in (41, 42, 43)]

    def said(*frames: dict[str, Any]) -> str:
        return str(page.evaluate("frames => toasts.inOne(frames).sentence", list(frames)))

    assert said(told[0]) == told[0]["sentence"]
    for_me = {
        "sentence": "Bob Meyer assigned ACME-12 to Bob",
        "names": {"0": "Bob"},
    }  # nobody is signed in here
    assert said(told[0] | for_me) == "Bob Meyer assigned ACME-12 to you"
    assert said(*told) == "Bob Meyer, 3 changes in ACME-12"
    other = told[0] | {"task_id": str(UUID(int=7)), "actor_id": 6, "actor": "Alice Reyes"}
    assert said(*told, other) == "Alice Reyes and 1 other, 4 changes in 2 tasks"


def test_nothing_is_said_twice_within_a_minute(modules: Callable[..., Page]) -> None:
    page = modules("parts/toasts")
    asked = [["one", 0], ["two", 1], ["one", 59_000], ["one", 120_000]]
    fresh = page.evaluate("asked => asked.map(one => toasts.isFresh(...one))", asked)
    assert fresh == [True, True, False, True]
