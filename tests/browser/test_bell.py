"""The bell, the title and the chip of every page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.pages import rendered
from tests.browser.pages.opened import Open, note, unread_frame
from tests.browser.pages.site import Site
from tests.browser.pages.wire import cursor, task_event, until, welcome

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror='window.broken = 1'><b>bold</b>"


def of_task(position: int, number: int, **changes: Any) -> dict[str, Any]:
    return note(position, task_id=str(UUID(int=number)), number=number, key=f"ACME-{number}", **changes)


def shown(page: Page) -> list[tuple[str, str]]:
    """Each row's newest event, and how many are unread."""
    return [
        (row.get_attribute("data-event") or "", row.locator(".count").text_content() or "")
        for row in page.locator("#bell-rows .bell-row").all()
    ]


def test_the_bell_counts_on_every_page(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot(unread=2)))
    it.user.send(of_task(42, 1), of_task(43, 2), of_task(44, 1), task_event(45, notification=None))
    for place in ("[data-bell-count]", "[data-unread-org='1']", ".dock [data-unread-total]"):
        expect(it.page.locator(place)).to_have_text("5")
    assert it.page.title().startswith("(5) ")
    assert shown(it.page) == [("1044", "2"), ("1043", "1")]
    it.user.send(unread_frame(0, 45))
    expect(it.page.locator("[data-bell-count]")).to_be_hidden()
    assert not it.page.title().startswith("(")


def test_nothing_in_an_open_bell_moves(opened: Callable[..., Open]) -> None:
    """News wait behind their number until they are wanted, or the bell is closed; the oldest rows go."""
    it = opened(rendered.plain(rendered.boot(), *(rendered.row(position) for position in range(41, 31, -1))))
    news, bell = it.page.locator(".bell-news"), it.page.locator(".bell summary")
    bell.click()
    first = it.page.locator("#bell-rows .bell-row").first
    before = (shown(it.page), first.bounding_box())
    it.user.send(of_task(42, 1), of_task(43, 2))
    expect(news).to_have_text("2 new")
    assert (shown(it.page), first.bounding_box()) == before
    news.click()
    expect(news).to_be_hidden()
    assert shown(it.page)[:3] == [("1043", "1"), ("1042", "1"), ("1041", "1")]
    assert len(shown(it.page)) == 10
    it.user.send(of_task(44, 1))
    expect(news).to_have_text("1 new")
    it.page.keyboard.press("Escape")
    expect(bell).to_be_focused()
    until(it.page, lambda: shown(it.page)[0] == ("1044", "2"), "it came on top")


def test_marks_of_every_kind_reach_the_rows(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot()))
    it.user.send(of_task(42, 1), of_task(43, 1), of_task(44, 2))
    until(it.page, lambda: shown(it.page) == [("1044", "1"), ("1043", "2")], "three are told")
    counts = {"unread": {"total": 2, "orgs": {"1": 2}}, "at": {"1": 44}}
    steps: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"read": {"event_ids": [1043]}}, [("1044", "1"), ("1043", "1")]),
        ({"unread_again": {"event_ids": [1043]}}, [("1044", "1"), ("1043", "2")]),
        ({"read": {"mark": 3, "up_to": {"1": 1042}, "reason": None}}, [("1044", "1"), ("1043", "1")]),
        (
            {"change": {"act": "read", "mark": 4, "state": "read", "threads": {str(UUID(int=1)): 1043}}},
            [("1044", "1"), ("1043", "0")],
        ),
    ]
    for revision, (frame, then) in enumerate(steps, 1):
        change = {"act": "read", "mark": revision, "state": "unread" if "unread_again" in frame else "read"}
        it.user.send({"type": "unread", "change": change, "revision": revision} | counts | frame)
        until(it.page, lambda then=then: shown(it.page) == then, f"rows after {frame}")


def test_what_was_put_aside_elsewhere_is_not_there(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot()))
    done = {"id": 1042, "reason": "watching", "unread": False, "state": "done"}
    it.user.send(of_task(42, 1, notification=done, replayed=True), of_task(43, 2))
    until(it.page, lambda: shown(it.page) == [("1043", "1")], "the other one is told")


def test_one_act_marks_what_is_shown_at_once(opened: Callable[..., Open], site: Site) -> None:
    it = opened(rendered.plain(rendered.boot(unread=2), rendered.row(41), rendered.row(40)))
    bell = it.page.locator(".bell")
    bell.locator("summary").click()
    bell.get_by_role("button", name="Mark these 2 read").click()
    expect(bell.get_by_role("button", name="Mark")).to_have_count(0)
    until(it.page, lambda: site.posted, "it is sent")
    assert site.posted[-1]["threads"] == [f"{UUID(int=event)}:{event}" for event in (1041, 1040)]
    assert site.posted[-1]["act"] == ["read-threads"]


def test_the_tab_of_what_is_unread_is_the_server_s(opened: Callable[..., Open], site: Site) -> None:
    site.pages["/inbox/bell/"] = (
        "<article class='bell-row' data-event='7'><a href='#'>Only this</a></article>"
    )
    it = opened(rendered.plain(rendered.boot(), rendered.row(41, unread=False)))
    it.page.locator(".bell summary").click()
    it.page.locator(".bell-tab", has_text="Unread").click()
    expect(it.page.locator("#bell-rows .bell-row")).to_have_text("Only this")
    expect(it.page.locator(".bell-tab[aria-current]")).to_have_text("Unread")
    assert "/inbox/bell/?show=unread" in site.asked


def test_the_chip_follows_the_connection(opened: Callable[..., Open], context: BrowserContext) -> None:
    """A screen reader hears what changed, and no more."""
    it = opened(rendered.plain(rendered.boot()))
    text, chip, told = (it.page.locator(place) for place in ("[data-state-text]", ".state", "#state-news"))
    expect(text).to_have_text("Live")
    assert told.text_content() == ""
    it.user.greeting = welcome(cursor(44), count=3)
    context.set_offline(True)
    expect(chip).to_have_attribute("data-state", "offline")
    expect(text).to_contain_text("Offline since ")
    expect(told).to_contain_text("Offline since ")
    context.set_offline(False)
    expect(text).to_have_text("Catching up (3)")
    it.user.send(*(note(position, replayed=True) for position in (42, 43)))
    expect(text).to_have_text("Catching up (1)")
    it.user.send(note(44, replayed=True))
    expect(text).to_have_text("Live")
    expect(told).to_have_text("Live")
    expect(it.page.locator("[data-bell-count]")).to_have_text("3")
    expect(it.page.locator(".toast")).to_contain_text("3 missed, all in your inbox")


def test_text_never_becomes_markup(opened: Callable[..., Open]) -> None:
    it = opened(rendered.plain(rendered.boot()))
    comment = {"action": "commented", "details": {"text": MARKUP, "mentions": []}}
    it.user.send(note(42, sentence=MARKUP, subject=MARKUP, actor=MARKUP, **comment))
    expect(it.page.locator("#bell-rows [data-slot='title']")).to_have_text(MARKUP)
    expect(it.page.locator("#bell-rows [data-slot='line']")).to_have_text(f"{MARKUP}: “{MARKUP}”")
    expect(it.page.locator(".toast [data-slot='title']")).to_have_text(MARKUP)
    assert it.page.locator("img[onerror], b").count() == 0
    assert it.page.evaluate("window.broken") is None
