"""The product's pages with their modules, against sockets that the test plays."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.pages import rendered
from tests.browser.pages.site import Site
from tests.browser.pages.wire import ACME, USER, Wire, answer, cursor, task_event, until, welcome

pytestmark = pytest.mark.browser

OTHER_TASK = "22222222-2222-4222-8222-222222222222"
MARKUP = "<img src=x onerror='window.broken = 1'><b>bold</b>"
TWIN = "/api/users/me/notifications/"


class Open:
    """An open page and the server's end of its sockets."""

    def __init__(self, context: BrowserContext, site: Site, html: str, at: int = 41, orgs: str = "1") -> None:
        self.user, self.acme = Wire(context, USER), Wire(context, ACME)
        self.user.greeting = welcome(",".join(cursor(at, int(org)) for org in orgs))
        self.acme.greeting = welcome(cursor(at))
        site.pages["/page/"] = html
        self.page = context.new_page()

    def go(self) -> Page:
        self.page.goto("/page/")
        expect(self.page.locator("[data-state]")).to_have_attribute("data-state", "live")
        return self.page


@pytest.fixture
def opened(context: BrowserContext, site: Site) -> Callable[..., Open]:
    def opened(html: str, **options: Any) -> Open:
        it = Open(context, site, html, **options)
        it.go()
        return it

    return opened


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()


def note(position: int, **changes: Any) -> dict[str, Any]:
    """A frame of a moment ago with a sentence of its own."""
    return task_event(position, created_at=now(), sentence=f"Alice did number {position}", **changes)


def unread_frame(count: int, at: int, **change: Any) -> dict[str, Any]:
    counts = {"unread": {"total": count, "orgs": {"1": count}}, "at": {"1": at}}
    return {"type": "unread", "read": None} | counts | change


# Bell, title, chip, toasts


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
    it = opened(rendered.inbox(rendered.boot(), *rows))
    it.user.send(note(42), note(43))
    first = it.page.locator("#bell-rows [data-event]").first
    expect(first).to_have_attribute("data-event", "1043")
    expect(it.page.locator("#bell-rows [data-event]")).to_have_count(6)
    assert it.page.locator(".bell input[name='up_to']").input_value() == "1043"


def test_the_chip_follows_the_connection(opened: Callable[..., Open], context: BrowserContext) -> None:
    it = opened(rendered.plain(rendered.boot()))
    text, chip = it.page.locator("[data-state-text]"), it.page.locator("[data-state]")
    expect(text).to_have_text("Live")
    it.user.greeting = welcome(cursor(44), count=3)
    context.set_offline(True)
    expect(chip).to_have_attribute("data-state", "offline")
    assert "Offline since " in text.inner_text()
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
    it = opened(rendered.inbox(rendered.boot()))
    frame = note(42) | {"sentence": MARKUP, "subject": MARKUP, "actor": MARKUP, "details": {"text": MARKUP}}
    it.user.send(frame)
    expect(it.page.locator("#inbox-rows [data-slot='sentence']")).to_have_text(MARKUP)
    expect(it.page.locator("#inbox-rows [data-slot='excerpt']")).to_have_text(MARKUP)
    expect(it.page.locator("#bell-rows [data-slot='title']")).to_have_text(MARKUP)
    assert it.page.locator("img[onerror], b").count() == 0
    assert it.page.evaluate("window.broken") is None


# Inbox


def test_a_notification_appears_on_top_of_the_inbox(opened: Callable[..., Open]) -> None:
    it = opened(rendered.inbox(rendered.boot(), rendered.row(41)))
    it.user.send(note(42, notification={"id": 1042, "reason": "assigned", "unread": True}))
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
    assert it.page.locator("main input[name='up_to']").input_value() == "1042"


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
    expect(it.page.locator("#inbox-rows [data-event='1042']")).to_have_count(1)


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
    it.user.send(unread_frame(0, 41, read={"event_ids": [1041]}))
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
    context.add_cookies([{"name": "csrftoken", "value": "of-the-last-sign-in", "url": site.url}])
    it = opened(rendered.inbox(rendered.boot(unread=1), rendered.row(41)))
    it.page.locator("#inbox-rows [data-act='read']").click()
    until(it.page, lambda: site.posted, "the mark is sent")
    assert site.posted[0]["X-CSRFToken"] == ["of-the-last-sign-in"]


def test_rows_follow_the_marks_of_other_tabs(opened: Callable[..., Open]) -> None:
    rows = [rendered.row(position) for position in (41, 40, 39)]
    it = opened(rendered.inbox(rendered.boot(unread=3), *rows))
    it.user.send(unread_frame(2, 41, read={"event_ids": [1041]}))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(2)
    it.user.send(unread_frame(1, 41, read={"org_id": 1, "up_to": 1039}))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(1)
    it.user.send(unread_frame(0, 41, read={"org_id": None, "up_to": 1041}))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(0)
    it.user.send(unread_frame(2, 41, unread_again={"event_ids": [1039, 1040]}))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(2)
    expect(it.page.locator("#bell-rows .is-unread")).to_have_count(2)
    expect(it.page.locator("[data-bell-count]")).to_have_text("2")


def test_all_of_another_organization_is_not_ours(opened: Callable[..., Open]) -> None:
    it = opened(rendered.inbox(rendered.boot(unread=1), rendered.row(41)))
    it.user.send(unread_frame(1, 41, read={"org_id": 2, "up_to": 5000}), note(42))
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(2)


# Tasks


def test_a_row_of_the_task_list_changes_where_it_stands(opened: Callable[..., Open]) -> None:
    tasks = [rendered.task(13, OTHER_TASK), rendered.task(12)]
    it = opened(rendered.task_list(rendered.boot(follow=True), *tasks))
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date()
    changes = [
        ("status_changed", {"from": "open", "to": "in_progress"}),
        ("renamed", {"from": "Rotate the keys", "to": MARKUP}),
        ("assignee_changed", {"from": None, "to": 5}),
        ("due_date_changed", {"from": None, "to": tomorrow.isoformat()}),
    ]
    for position, (action, details) in enumerate(changes, start=42):
        frame = task_event(position, action=action, details=details, names={"5": "Carol"}, created_at=now())
        it.acme.send(frame)
    row = it.page.locator("#task-rows tr").nth(1)
    expect(row.locator("[data-field='due']")).to_contain_text("tomorrow")
    expect(row.locator(".status")).to_have_text("In progress")
    expect(row.locator(".status")).to_have_attribute("data-status", "in_progress")
    expect(row.locator("[data-field='title']")).to_have_text(MARKUP)
    expect(row.locator("[data-field='assignee']")).to_have_text("Carol")
    assert "is-fresh" in (row.get_attribute("class") or "")
    expect(row).not_to_have_class("task is-fresh")
    it.acme.send(task_event(46, details={"from": "in_progress", "to": "done"}))
    expect(row.locator(".status")).to_have_text("Done")
    expect(row.locator(".due-note")).to_have_count(0)
    expect(it.page.locator("[data-open-count]")).to_have_text("1")


def created(position: int) -> dict[str, Any]:
    details = {"title": "A new one", "description": "", "mentions": []}
    told = {"action": "created", "details": details, "task_id": OTHER_TASK, "key": "ACME-13", "number": 13}
    return task_event(position, **told)


def test_a_new_task_is_on_top_of_the_list(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_list(rendered.boot(follow=True), rendered.task()))
    it.acme.send(created(42))
    row = it.page.locator("#task-rows tr").first
    expect(row.locator("[data-field='title']")).to_have_text("A new one")
    expect(row.locator("[data-field='title']")).to_have_attribute("href", "/orgs/acme/tasks/13/")
    expect(row.locator("[data-field='key']")).to_have_text("ACME-13")
    expect(row.locator("[data-field='assignee']")).to_have_text("nobody")
    expect(row.locator(".status")).to_have_text("Open")
    expect(it.page.locator("[data-open-count]")).to_have_text("2")
    assert row.get_attribute("data-task") == OTHER_TASK


def test_a_new_task_waits_behind_a_pill_on_a_filtered_list(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_list(rendered.boot(follow=True), rendered.task(), is_filtered=True))
    it.acme.send(created(42))
    expect(it.page.locator("#new-pill")).to_have_text("1 new")
    expect(it.page.locator("#task-rows tr")).to_have_count(1)


def test_an_open_task_tells_its_history(opened: Callable[..., Open]) -> None:
    page = rendered.task_detail(
        rendered.boot(follow=True), rendered.task(), rendered.history(41, "Alice created it")
    )
    it = opened(page)
    it.acme.send(
        task_event(42),
        task_event(43, task_id=OTHER_TASK, sentence="Something else"),
        task_event(44, action="commented", details={"text": MARKUP, "mentions": []}),
    )
    items = it.page.locator("#timeline > li")
    expect(items).to_have_count(3)
    expect(items.nth(1).locator("[data-slot='sentence']")).to_have_text(
        "Alice moved it from Open to In progress"
    )
    expect(items.nth(2).locator("[data-slot='text']")).to_have_text(MARKUP)
    expect(items.nth(2).locator("[data-slot='actor']")).to_have_text("Alice")
    expect(it.page.locator(".task-side .status")).to_have_text("In progress")


def test_history_that_the_page_has_already_is_not_doubled(opened: Callable[..., Open]) -> None:
    page = rendered.task_detail(
        rendered.boot(41, follow=True), rendered.task(), rendered.history(42, "Alice moved it")
    )
    it = opened(page)
    it.acme.send(task_event(42), task_event(43))
    expect(it.page.locator("#timeline > li")).to_have_count(2)


def test_controls_follow_unless_they_are_in_use(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_detail(rendered.boot(follow=True), rendered.task()))
    it.page.evaluate(
        "document.querySelectorAll('details.change').forEach(details => { details.open = true })"
    )
    it.page.locator("#due-on").focus()
    it.acme.send(
        task_event(42, action="due_date_changed", details={"from": None, "to": "2026-12-24"}),
        task_event(43, action="assignee_changed", details={"from": None, "to": 3}, names={"3": "Alice"}),
    )
    expect(it.page.locator("#assign-to")).to_have_value("3")
    expect(it.page.locator("#due-on")).to_have_value("")
    expect(it.page.locator("[data-field='due']").first).to_contain_text("24 Dec")


# When events alone do not tell the whole story


def test_a_reset_reads_the_page_again(opened: Callable[..., Open], site: Site) -> None:
    """Nothing between the old list and the new one is lost or doubled, and what somebody types stays."""
    task = rendered.task()
    it = opened(rendered.task_detail(rendered.boot(41, follow=True), task, rendered.history(41, "before")))
    it.page.locator("textarea").fill("half a sentence")
    history = [rendered.history(position, f"number {position}") for position in (7, 8, 9)]
    site.pages["/page/"] = rendered.task_detail(rendered.boot(9, follow=True), task, *history)
    it.acme.greeting = welcome(cursor(8), count=2, mode="reset")
    it.acme.close(4408)
    it.acme.wait_open(it.page, 2)
    it.acme.send(task_event(7, replayed=True), task_event(8, replayed=True))
    it.acme.send(task_event(9, sentence="number 9"), task_event(10, sentence="number 10"))
    expect(it.page.locator("#timeline > li")).to_have_count(4)
    expect(it.page.locator("#timeline [data-slot='sentence']")).to_have_text(
        ["number 7", "number 8", "number 9", "number 10"]
    )
    expect(it.page.locator("textarea")).to_have_value("half a sentence")


def test_an_organization_joined_while_connected_is_followed(opened: Callable[..., Open], site: Site) -> None:
    it = opened(rendered.inbox(rendered.boot()))
    both = rendered.boot(orgs="12")
    site.pages["/page/"] = rendered.inbox(both)
    it.user.send({"type": "membership", "org_id": 2, "change": "joined"}, task_event(41, 2), note(42))
    it.user.send(task_event(42, 2, created_at=now()))
    expect(it.page.locator("#inbox-rows [data-event]")).to_have_count(2)
    expect(it.page.locator("#inbox-rows [data-event='2042']")).to_have_count(1)
    expect(it.page.locator("[data-bell-count]")).to_have_text("2")


def test_marks_made_while_offline_are_found(opened: Callable[..., Open], site: Site) -> None:
    rows = [rendered.row(41), rendered.row(40)]
    it = opened(rendered.inbox(rendered.boot(unread=2), *rows))
    rows[0]["unread"] = False
    site.pages["/page/"] = rendered.inbox(rendered.boot(unread=1), *rows)
    it.user.greeting = welcome(cursor(41), orgs=[{"id": 1, "slug": "acme", "unread": 1}], at={"1": 41})
    it.user.close(4408)
    expect(it.page.locator("[data-bell-count]")).to_have_text("1")
    expect(it.page.locator("#inbox-rows .is-unread")).to_have_count(1)


def test_a_tab_that_comes_later_sees_what_was_read_before_it_joined(
    opened: Callable[..., Open], site: Site, context: BrowserContext
) -> None:
    """Its page was made before the mark, and it joined after the frame about it."""
    it = opened(rendered.inbox(rendered.boot(unread=1), rendered.row(41)))
    it.user.send(unread_frame(0, 41, read={"event_ids": [1041]}))
    expect(it.page.locator("[data-bell-count]")).to_be_hidden()
    read = rendered.inbox(rendered.boot(unread=0), rendered.row(41, unread=False))
    pages = [rendered.inbox(rendered.boot(unread=1), rendered.row(41)), read]
    late = context.new_page()
    late.route("**/page/", lambda route: route.fulfill(body=pages.pop(0), content_type="text/html"))
    late.goto("/page/")
    expect(late.locator("[data-bell-count]")).to_be_hidden()
    expect(late.locator("#inbox-rows .is-unread")).to_have_count(0)
    expect(late.locator("#inbox-rows [data-event]")).to_have_count(1)


def test_a_page_that_cannot_be_read_now_is_read_later(opened: Callable[..., Open], site: Site) -> None:
    it = opened(rendered.task_detail(rendered.boot(41, follow=True), rendered.task()))
    renewed = rendered.task_detail(
        rendered.boot(43, follow=True), rendered.task(title="Renamed"), rendered.history(43, "number 43")
    )
    answers = [503, 503, 200]
    it.page.route("**/page/", lambda route: route.fulfill(status=answers.pop(0), body=renewed))
    it.user.send({"type": "membership", "org_id": 1, "change": "changed"})
    it.acme.send(task_event(42), task_event(43), task_event(44))
    expect(it.page.locator("h1")).to_have_text("Renamed")
    expect(it.page.locator("#timeline > li")).to_have_count(2)
    assert answers == []


def test_signing_out_here_goes_where_the_form_goes(opened: Callable[..., Open], site: Site) -> None:
    """The socket may close before the answer to the form is there."""
    site.twins[TWIN] = lambda after: (401, {})
    it = opened(rendered.plain(rendered.boot()))
    it.page.route("**/accounts/logout/", lambda route: route.fulfill(status=204))
    with it.page.expect_response("**/accounts/logout/"):
        it.page.evaluate("document.querySelector('.account form').requestSubmit()")
    it.user.close(4401)
    expect(it.page.locator("[data-state-text]")).to_have_text("Signed out")
    assert it.page.url == f"{site.url}/page/"


def test_signing_out_elsewhere_leads_to_the_login_page(opened: Callable[..., Open], site: Site) -> None:
    site.twins[TWIN] = lambda after: (401, {})
    site.pages["/accounts/login/"] = "<title>Sign in</title>"
    it = opened(rendered.plain(rendered.boot()))
    it.user.close(4401)
    it.page.wait_for_url("**/accounts/login/?next=%2Fpage%2F")


def test_somebody_else_in_the_same_browser_gets_a_page_of_their_own(
    opened: Callable[..., Open], site: Site
) -> None:
    it = opened(rendered.plain(rendered.boot()))
    site.pages["/page/"] = "<title>Dave's page</title>"
    it.user.greeting = welcome(cursor(5, org=9), user_id=77)
    it.user.close(4408)
    until(it.page, lambda: it.page.title() == "Dave's page", "the page is loaded again")


def test_a_page_from_the_back_forward_cache_catches_up(opened: Callable[..., Open]) -> None:
    it = opened(rendered.inbox(rendered.boot()))
    it.user.send(note(42))
    expect(it.page.locator("#inbox-rows [data-event]")).to_have_count(1)
    it.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    until(it.page, lambda: not it.user.open, "the socket is closed")
    held = "navigator.locks.query().then(found => found.held.length + found.pending.length)"
    until(it.page, lambda: it.page.evaluate(held) == 0, "no lock is held")
    it.user.greeting = welcome(cursor(43), count=1)
    it.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    it.user.wait_open(it.page, 2)
    assert it.user.after == [cursor(41), cursor(42)]
    it.user.send(note(43, replayed=True))
    expect(it.page.locator("#inbox-rows [data-event]")).to_have_count(2)


def test_what_happens_between_load_and_connect_is_replayed(context: BrowserContext, site: Site) -> None:
    it = Open(context, site, rendered.inbox(rendered.boot(41), rendered.row(41)))
    it.user.greeting = welcome(cursor(43), count=2)
    it.page.goto("/page/")
    it.user.wait_open(it.page, 1)
    assert it.user.after == [cursor(41)]
    it.user.send(note(42, replayed=True), note(43, replayed=True))
    expect(it.page.locator("#inbox-rows [data-event]")).to_have_count(3)
    expect(it.page.locator("[data-bell-count]")).to_have_text("2")


def test_polling_keeps_the_page_current(context: BrowserContext, site: Site) -> None:
    site.pages["/page/"] = rendered.inbox(rendered.boot(41))
    site.twins[TWIN] = lambda after: (
        (200, answer(cursor(42), note(42), at={"1": 42}, orgs={"1": 1}))
        if after == cursor(41)
        else (200, answer(cursor(42), at={"1": 42}, orgs={"1": 1}))
    )
    page = context.new_page()
    page.goto("/page/")
    expect(page.locator("[data-state-text]")).to_have_text("Live, by polling")
    expect(page.locator("#inbox-rows [data-event]")).to_have_count(1)
    expect(page.locator("[data-bell-count]")).to_have_text("1")


# Keys


def test_keys_move_open_and_mark(opened: Callable[..., Open], site: Site) -> None:
    rows = [rendered.row(position) for position in (41, 40, 39)]
    it = opened(rendered.inbox(rendered.boot(unread=3), *rows))
    press = it.page.keyboard.press
    for key, event in [("j", "1041"), ("j", "1040"), ("j", "1039"), ("j", "1039"), ("k", "1040")]:
        press(key)
        assert it.page.evaluate("document.activeElement.closest('[data-event]').dataset.event") == event
    press("e")
    expect(it.page.locator("#inbox-rows [data-event='1040']")).not_to_have_class("notification is-unread")
    press("j")
    press("Enter")
    it.page.wait_for_url("**/inbox/1039/")


def test_keys_go_places_and_are_listed(opened: Callable[..., Open], site: Site) -> None:
    it = opened(rendered.task_list(rendered.boot(follow=True), rendered.task()))
    it.page.keyboard.press("/")
    expect(it.page.locator("input[type='search']")).to_be_focused()
    it.page.keyboard.type("gij?e")
    expect(it.page.locator("input[type='search']")).to_have_value("gij?e")
    it.page.evaluate("document.activeElement.blur()")
    it.page.keyboard.press("?")
    expect(it.page.locator("dialog#keys")).to_be_visible()
    expect(it.page.locator("dialog#keys kbd")).to_contain_text(["j", "Enter", "e"])
    it.page.keyboard.press("Escape")
    it.page.keyboard.press("Control+g")
    it.page.keyboard.press("i")
    site.pages["/inbox/"] = "<title>Inbox</title>"
    assert it.page.url.endswith("/page/")
    it.page.keyboard.press("g")
    it.page.keyboard.press("i")
    it.page.wait_for_url("**/inbox/")


def test_keys_can_be_switched_off(opened: Callable[..., Open]) -> None:
    it = opened(rendered.inbox(rendered.boot(), rendered.row(41)))
    it.page.keyboard.press("?")
    it.page.get_by_label("Use these keys").uncheck()
    it.page.get_by_role("button", name="Close").last.click()
    it.page.keyboard.press("j")
    assert it.page.evaluate("document.activeElement.closest('[data-event]')") is None
