"""The inbox page: what arrives, and what is marked read and unread."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.pages import rendered
from tests.browser.pages.opened import Open, note, unread_frame
from tests.browser.pages.site import Site
from tests.browser.pages.wire import cursor, until

pytestmark = pytest.mark.browser


def test_a_notification_appears_on_top_of_the_inbox(opened: Callable[..., Open]) -> None:
    it = opened(rendered.inbox(rendered.boot(), rendered.row(41)))
    it.user.send(note(42, notification={"id": 1042, "reason": "assigned", "unread": True, "state": "unread"}))
    rows = it.page.locator("#inbox-rows [data-event]")
    expect(rows).to_have_count(2)
    first = rows.first
    expect(first).to_have_attribute("data-event", "1042")
    expect(first.locator("[data-slot='sentence']")).to_have_text("Alice did number 42")
    expect(first.locator("[data-slot='title']")).to_have_text("Rotate the keys")
    expect(first.locator("[data-slot='reason']")).to_have_text("assigned")
    expect(first.locator("[data-slot='avatar']")).to_have_text("AL")
    expect(first.locator("time")).to_have_text("just now")
    expect(first.locator("a")).to_have_attribute("href", "/inbox/1042/")
    assert "is-unread" in (first.get_attribute("class") or "")
    assert it.page.locator("main input[name='seen']").input_value() == cursor(42)


def test_the_first_notification_of_a_day_gets_its_heading(opened: Callable[..., Open]) -> None:
    html = rendered.inbox(rendered.boot(), rendered.row(41)).replace("Today", "Yesterday")
    it = opened(html)
    it.user.send(note(42))
    expect(it.page.locator("#inbox-rows .day-name")).to_have_text(["Today", "Yesterday"])
    expect(it.page.locator("[data-day='Today'] [data-event]")).to_have_attribute("data-event", "1042")


def test_a_row_that_the_page_has_already_is_not_doubled(opened: Callable[..., Open]) -> None:
    """The page's list may be read a moment after its cursor."""
    it = opened(rendered.inbox(rendered.boot(41), rendered.row(42)))
    it.user.send(note(42), note(43))
    expect(it.page.locator("#inbox-rows [data-event='1043']")).to_have_count(1)
    expect(it.page.locator("[data-event='1042']")).to_have_count(2)  # in the list and in the bell


def test_new_rows_wait_while_the_reader_is_further_down(opened: Callable[..., Open]) -> None:
    rows = [rendered.row(position) for position in range(41, 1, -1)]
    it = opened(rendered.inbox(rendered.boot(), *rows))
    it.page.evaluate("new Promise(done => { addEventListener('scroll', done); scrollTo(0, 1000) })")
    it.user.send(note(42), note(43), note(44))
    pill = it.page.locator("#new-pill")
    expect(pill).to_have_text("3 new")
    expect(it.page.locator("#inbox-rows [data-event]")).to_have_count(40)
    pill.click()
    expect(it.page.locator("#inbox-rows [data-event]")).to_have_count(43)
    expect(it.page.locator("#inbox-rows [data-event]").first).to_have_attribute("data-event", "1044")
    expect(pill).to_be_hidden()


def test_a_filtered_inbox_only_says_that_there_is_news(opened: Callable[..., Open]) -> None:
    it = opened(rendered.inbox(rendered.boot(), rendered.row(41), is_filtered=True))
    it.user.send(note(42))
    expect(it.page.locator("#new-pill")).to_have_text("1 new")
    for where, position in (("main", 41), (".bell", 42)):  # each marks what it showed
        assert it.page.locator(f"{where} input[name='seen']").input_value() == cursor(position)
    it.page.evaluate("dispatchEvent(new Event('scroll'))")
    expect(it.page.locator("#inbox-rows [data-event]")).to_have_count(1)
    it.page.evaluate("history.replaceState(null, '', '?show=unread&before=900')")
    it.page.locator("#new-pill").click()
    it.page.wait_for_url("**/page/?show=unread")


def test_lists_are_capped(opened: Callable[..., Open]) -> None:
    it = opened(rendered.inbox(rendered.boot(), rendered.row(41)))
    it.user.send(*(note(position) for position in range(42, 262)))
    expect(it.page.locator("#inbox-rows [data-event]").first).to_have_attribute("data-event", "1261")
    expect(it.page.locator("#inbox-rows [data-event]")).to_have_count(200)


# Marks


def test_marking_shows_at_once(opened: Callable[..., Open], site: Site) -> None:
    it = opened(rendered.inbox(rendered.boot(unread=1), rendered.row(41)))
    row = it.page.locator("#inbox-rows [data-event='1041']")
    row.locator("[data-act='read']").click()
    expect(it.page.locator(".is-unread")).to_have_count(0)
    expect(it.page.locator("[data-bell-count]")).to_be_hidden()
    expect(row.locator("[data-act='unread']")).to_be_focused()
    until(it.page, lambda: site.posted, "the mark is sent")
    sent = site.posted[0]
    assert (sent["event_ids"], sent["act"]) == (["1041"], ["read"])
    assert sent["X-CSRFToken"] == ["the-token-of-the-form"]
    it.user.send(unread_frame(0, 41, revision=6, read={"event_ids": [1041]}))
    row.locator("[data-act='unread']").click()
    expect(it.page.locator("[data-bell-count]")).to_have_text("1")


def test_a_mark_that_fails_is_taken_back(opened: Callable[..., Open], site: Site) -> None:
    site.marks = 500
    it = opened(rendered.inbox(rendered.boot(unread=1), rendered.row(41)))
    row = it.page.locator("#inbox-rows [data-event='1041']")
    row.locator("[data-act='read']").click()
    expect(it.page.locator(".toast[data-level='error']")).to_contain_text("was not saved")
    expect(row.locator("[data-act='read']")).to_be_visible()
    expect(it.page.locator("[data-bell-count]")).to_have_text("1")


def test_todays_token_is_sent(opened: Callable[..., Open], site: Site, context: BrowserContext) -> None:
    context.add_cookies([{"name": "two-csrftoken", "value": "of-the-last-sign-in", "url": site.url}])
    boot = rendered.boot(unread=1) | {"csrf_cookie": "two-csrftoken"}
    it = opened(rendered.inbox(boot, rendered.row(41)))
    it.page.locator("#inbox-rows [data-act='read']").click()
    until(it.page, lambda: site.posted, "the mark is sent")
    assert site.posted[0]["X-CSRFToken"] == ["of-the-last-sign-in"]


def test_rows_follow_the_marks_of_other_tabs(opened: Callable[..., Open]) -> None:
    rows = [rendered.row(position) for position in (41, 40, 39)]
    it = opened(rendered.inbox(rendered.boot(unread=3), *rows))
    it.user.send(unread_frame(2, 41, read={"event_ids": [1041]}))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(2)
    it.user.send(unread_frame(2, 41, read={"mark": 7, "up_to": {"1": 1041}, "reason": "mentioned"}))
    it.user.send(unread_frame(1, 41, read={"mark": 8, "up_to": {"1": 1039}, "reason": None}))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(1)
    it.user.send(unread_frame(0, 41, read={"mark": 9, "up_to": {"1": 1041}, "reason": "org"}))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(0)
    it.user.send(unread_frame(2, 41, unread_again={"event_ids": [1039, 1040]}))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(2)
    expect(it.page.locator("#bell-rows .is-unread")).to_have_count(2)
    expect(it.page.locator("[data-bell-count]")).to_have_text("2")


def test_all_of_another_organization_is_not_ours(opened: Callable[..., Open]) -> None:
    it = opened(rendered.inbox(rendered.boot(unread=1), rendered.row(41)))
    it.user.send(unread_frame(1, 41, read={"mark": 7, "up_to": {"2": 5000}, "reason": None}), note(42))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(2)
