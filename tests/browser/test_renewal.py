"""When frames alone do not tell the whole story: resets, sleep, other tabs, other people."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.pages import rendered
from tests.browser.pages.opened import Open, note, now, unread_frame
from tests.browser.pages.site import Site
from tests.browser.pages.wire import answer, cursor, task_event, until, welcome

pytestmark = pytest.mark.browser

TWIN = "/api/users/me/notifications/"


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
    expect(it.page.locator("#timeline [data-slot='did']")).to_have_text(
        ["number 7", "number 8", "number 9", "number 10"]
    )
    expect(it.page.locator("textarea")).to_have_value("half a sentence")


def test_a_page_of_frames_is_not_asked_for_its_parts(context: BrowserContext, site: Site) -> None:
    """A page that knows no parts would answer with the whole of itself, which would stand in one of its fields."""
    it = Open(context, site, rendered.task_detail(rendered.boot(41, follow=True), rendered.task()))
    it.page.clock.install()
    it.go()
    it.page.clock.run_for(20_000)
    it.page.evaluate("fetch('/last/')")
    assert [path for path in site.asked if path.startswith("/page/")] == ["/page/"]
    expect(it.page.locator(".composer")).to_have_count(1)


def test_the_server_learns_the_reader_s_zone_and_the_page_its_days(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, timezone_id="Pacific/Auckland")
    it = Open(context, site, rendered.plain(rendered.boot(unread=1), rendered.row(41)))
    it.go()
    until(it.page, lambda: site.asked.count("/page/") == 2, "the page is read again")
    assert "timezone=Pacific/Auckland" in it.page.evaluate("document.cookie").split("; ")
    it.page.reload()
    expect(it.page.locator(".state")).to_have_attribute("data-state", "live")
    assert site.asked.count("/page/") == 3
    context.close()


@pytest.mark.parametrize("how", ["told", "at the next welcome", "by the twin"])
def test_a_page_follows_its_organization_to_another_short_name(
    opened: Callable[..., Open], site: Site, how: str
) -> None:
    """Its links lead where they should, and what somebody types stays."""
    task = rendered.task()
    it = opened(rendered.task_detail(rendered.boot(41, follow=True), task, rendered.history(41, "before")))
    it.page.locator("textarea").fill("half a sentence")
    here = {"id": 1, "slug": "apex"}
    boot = rendered.boot(41, follow=True) | {"org": here | {"cursor": cursor(41)}}
    renamed = rendered.task_detail(boot, task, rendered.history(41, "before"))
    for old in ("/orgs/acme/", "/orgs/org-1/"):  # the task's links, and the bar's
        renamed = renamed.replace(old, "/orgs/apex/")
    site.pages["/page/"] = renamed.replace("ACME-12", "APEX-12")
    it.acme.greeting = welcome(cursor(41), org=here)
    if how == "told":
        it.acme.send({"type": "organization", "org": here})
    elif how == "by the twin":
        site.twins["/api/orgs/acme/notifications/"] = lambda _: (200, answer(cursor(41), org=here))
        it.acme.close(4401)
    else:
        it.acme.close(4408)
    expect(it.page.locator(".crumbs")).to_contain_text("APEX-12")
    expect(it.page.locator(".nav a").first).to_have_attribute("href", "/orgs/apex/tasks/")
    expect(it.page.locator("textarea")).to_have_value("half a sentence")
    expect(it.page.locator(".state")).to_have_attribute("data-state", "live")
    asked = site.asked.count("/page/")
    it.acme.send({"type": "organization", "org": here}, {"type": "organization"}, task_event(42))
    expect(it.page.locator("#timeline > li")).to_have_count(2)
    assert site.asked.count("/page/") == asked


def test_an_organization_joined_while_connected_is_followed(opened: Callable[..., Open], site: Site) -> None:
    it = opened(rendered.plain(rendered.boot()))
    both = rendered.boot(orgs="12")
    site.pages["/page/"] = rendered.plain(both)
    it.user.send({"type": "membership", "org_id": 2, "change": "joined"}, task_event(41, 2), note(42))
    it.user.send(task_event(42, 2, created_at=now()))
    expect(it.page.locator("#bell-rows [data-event]")).to_have_count(2)
    expect(it.page.locator("#bell-rows [data-event='2042']")).to_have_count(1)
    expect(it.page.locator("[data-bell-count]")).to_have_text("2")


def test_an_organization_that_was_left_is_said_and_not_counted(
    opened: Callable[..., Open], site: Site
) -> None:
    it = opened(rendered.task_list(rendered.boot(unread=3, follow=True, orgs="12"), rendered.task()))
    site.pages["/page/"] = "<title>Not found</title>"
    it.user.send({"type": "membership", "org_id": 1, "change": "left"})
    it.acme.close(4403)
    expect(it.page.locator("[data-bell-count]")).to_be_hidden()
    expect(it.page.locator(".toast")).to_contain_text("no longer a member of Organization 1")
    expect(it.page.locator(".state")).to_have_attribute("data-state", "offline")
    expect(it.page.locator("#task-rows tr")).to_have_count(1)


def test_marks_made_while_offline_are_found(opened: Callable[..., Open], site: Site) -> None:
    rows = [rendered.row(41), rendered.row(40)]
    it = opened(rendered.plain(rendered.boot(unread=2), *rows))
    rows[0] = rendered.row(41, unread=False)
    site.pages["/page/"] = rendered.plain(rendered.boot(unread=1, revision=6), *rows)
    it.user.greeting = welcome(
        cursor(41), orgs=[{"id": 1, "slug": "acme", "name": "Acme", "unread": 1}], at={"1": 41}, revision=6
    )
    it.user.close(4408)
    expect(it.page.locator("[data-bell-count]")).to_have_text("1")
    expect(it.page.locator("#bell-rows .is-unread")).to_have_count(1)


def test_counts_of_a_history_that_is_gone_never_win(opened: Callable[..., Open], site: Site) -> None:
    """The database was restored to before a mark: both numbers are lower than what the page had."""
    it = opened(rendered.plain(rendered.boot(41, unread=1, revision=9), rendered.row(41, unread=False)))
    site.pages["/page/"] = rendered.plain(rendered.boot(40, unread=2, revision=6), rendered.row(40))
    it.user.greeting = welcome(
        cursor(40),
        orgs=[{"id": 1, "slug": "acme", "name": "Acme", "unread": 2}],
        at={"1": 40},
        revision=6,
        mode="reset",
    )
    it.user.close(4408)
    expect(it.page.locator("[data-bell-count]")).to_have_text("2")
    expect(it.page.locator("#bell-rows .is-unread")).to_have_count(1)
    it.user.send(unread_frame(1, 40, revision=7, read={"event_ids": [1040]}))
    expect(it.page.locator("[data-bell-count]")).to_have_text("1")


def test_what_is_unread_again_by_a_mark_is_read_from_the_server(
    opened: Callable[..., Open], site: Site
) -> None:
    it = opened(rendered.plain(rendered.boot(unread=0, revision=5), rendered.row(41, unread=False)))
    site.pages["/page/"] = rendered.plain(rendered.boot(unread=1, revision=6), rendered.row(41))
    it.user.send(unread_frame(1, 41, revision=6, unread_again={"mark": 5, "event_ids": []}))
    expect(it.page.locator("#bell-rows .is-unread")).to_have_count(1)
    expect(it.page.locator("[data-bell-count]")).to_have_text("1")


def test_a_tab_that_comes_later_sees_what_was_read_before_it_joined(
    opened: Callable[..., Open], site: Site, context: BrowserContext
) -> None:
    """Its page was made before the mark, and it joined after the frame about it."""
    it = opened(rendered.plain(rendered.boot(unread=1), rendered.row(41)))
    it.user.send(unread_frame(0, 41, revision=6, read={"event_ids": [1041]}))
    expect(it.page.locator("[data-bell-count]")).to_be_hidden()
    read = rendered.plain(rendered.boot(unread=0, revision=6), rendered.row(41, unread=False))
    pages = [rendered.plain(rendered.boot(unread=1), rendered.row(41)), read]
    late = context.new_page()
    late.route("**/page/", lambda route: route.fulfill(body=pages.pop(0), content_type="text/html"))
    late.goto("/page/")
    expect(late.locator("[data-bell-count]")).to_be_hidden()
    expect(late.locator("#bell-rows .is-unread")).to_have_count(0)
    expect(late.locator("#bell-rows [data-event]")).to_have_count(1)


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
    assert it.wished == ["/accounts/logout/"]


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
    it = opened(rendered.plain(rendered.boot()))
    it.user.send(note(42))
    expect(it.page.locator("#bell-rows [data-event]")).to_have_count(1)
    it.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    until(it.page, lambda: not it.user.open, "the socket is closed")
    held = "navigator.locks.query().then(found => found.held.length + found.pending.length)"
    until(it.page, lambda: it.page.evaluate(held) == 0, "no lock is held")
    it.user.greeting = welcome(cursor(43), count=1)
    it.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    it.user.wait_open(it.page, 2)
    assert it.user.after == [cursor(41), cursor(42)]
    it.user.send(note(43, replayed=True))
    expect(it.page.locator("#bell-rows [data-event='1043']")).to_have_count(1)


def test_what_happens_between_load_and_connect_is_replayed(context: BrowserContext, site: Site) -> None:
    it = Open(context, site, rendered.plain(rendered.boot(41), rendered.row(41)))
    it.user.greeting = welcome(cursor(43), count=2)
    it.page.goto("/page/")
    it.user.wait_open(it.page, 1)
    assert it.user.after == [cursor(41)]
    it.user.send(note(42, replayed=True), note(43, replayed=True))
    expect(it.page.locator("#bell-rows [data-event='1043']")).to_have_count(1)
    expect(it.page.locator("[data-bell-count]")).to_have_text("2")


def test_polling_keeps_the_page_current(context: BrowserContext, site: Site) -> None:
    site.pages["/page/"] = rendered.plain(rendered.boot(41))
    site.twins[TWIN] = lambda after: (
        (200, answer(cursor(42), note(42), at={"1": 42}, orgs={"1": 1}))
        if after == cursor(41)
        else (200, answer(cursor(42), at={"1": 42}, orgs={"1": 1}))
    )
    page = context.new_page()
    page.goto("/page/")
    expect(page.locator("[data-state-text]")).to_have_text("Live, by polling")
    expect(page.locator("#bell-rows [data-event]")).to_have_count(1)
    expect(page.locator("[data-bell-count]")).to_have_text("1")
