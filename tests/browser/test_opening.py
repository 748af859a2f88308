"""A task opened at its event, and read as it is seen: in a browser, two tabs and two people at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from events import log
from tasks.facts import Commented
from tasks.models import Task
from tests.browser.barriers import barriers_of
from tests.tasks.acme import Team, comment, found, new_task

TASK = "/orgs/acme/tasks/1/"
HIDE = """state => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def team(transactional_db: None) -> Team:
    team = found("acme", alice="owner", bob="member")
    new_task(team, actor=team.alice, title="Ring the bells")
    return team


def talk(team: Team, count: int) -> None:
    """So many comments of which nobody was told."""
    task = Task.objects.get()
    said = [log.Entry(Commented(f"This is number {number}."), task.title) for number in range(count)]
    log.append(log.lock_head(team.pk), task.pk, 1, task.version, said, actor=team.alice, now=task.created_at)
    Task.objects.update(version=task.version + count)


def live(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", "live")
    return page


def bell(page: Page, count: int) -> None:
    text = str(count) if count else re.compile("^0?$")
    expect(page.locator("[data-bell-count]").first).to_have_text(text)


def test_a_notification_opens_its_event_and_leads_back(sign_in, team):
    third = comment(Task.objects.get(), "Number three.", actor=team.alice)
    talk(team, 500)
    page = live(sign_in(team.bob), "/inbox/")
    page.locator("#inbox-rows article a[data-slot='link']").first.click()
    expect(page).to_have_url(re.compile(rf"\?event={third.pk}&inbox=#event-{third.pk}$"))
    opened = page.locator(f"#event-{third.pk}")
    expect(opened).to_be_in_viewport(ratio=1)
    expect(opened).to_be_focused()
    expect(opened).to_contain_text("The update you opened")
    expect(page.get_by_role("navigation", name="Inbox")).to_contain_text("1 of 1")
    assert barriers_of(page, "light") == []
    bell(page, 0)
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile(r"/inbox/\?q=#thread-"))
    page.go_back()
    page.get_by_role("button", name="Done with these notifications").click()
    expect(page).to_have_url(re.compile(r"/inbox/\?q="))  # there is no next one
    expect(page.locator(".undo-offer")).to_contain_text("ACME-1 are done")
    expect(page.locator("#inbox-rows article")).to_have_count(0)


def test_what_comes_while_the_page_is_seen_is_read_and_what_comes_unseen_waits(sign_in, team):
    task = Task.objects.get()
    page = live(sign_in(team.bob), TASK)
    other = live(page.context.new_page(), "/orgs/")
    page.bring_to_front()
    seen = comment(task, "Do **you** see it?", actor=team.alice)
    entry = page.locator(f"#event-{seen.pk}")
    expect(entry.locator(".comment-text strong")).to_have_text("you")  # the server's own entry
    expect(entry).not_to_have_attribute("data-unread", re.compile(""))
    for tab in (page, other):
        bell(tab, 0)
    page.evaluate(HIDE, "hidden")
    unseen = comment(task, "And this?", actor=team.alice)
    bell(other, 1)
    waiting = page.locator(f"#event-{unseen.pk}:not([data-plain])")
    expect(waiting).to_have_attribute("data-unread", str(unseen.pk))
    page.evaluate(HIDE, "visible")
    expect(waiting).not_to_have_attribute("data-unread", re.compile(""))
    for tab in (page, other):
        bell(tab, 0)


def test_nothing_moves_what_somebody_reads(sign_in, team):
    talk(team, 450)
    page = live(sign_in(team.bob), TASK)
    first = page.locator("#timeline > .timeline-item").first
    first.scroll_into_view_if_needed()
    link = page.get_by_role("link", name="Show earlier entries")
    key = first.get_attribute("id")
    before = page.locator(f"#{key}").bounding_box()
    link.evaluate("link => link.click()")
    expect(page.locator("#timeline > .timeline-item")).to_have_count(400)
    after = page.locator(f"#{key}").bounding_box()
    assert before and after
    assert abs(before["y"] - after["y"]) < 2
    came = comment(Task.objects.get(), "Below.", actor=team.alice)
    expect(page.locator(f"#event-{came.pk}:not([data-plain])")).to_have_count(1)
    bell(page, 2)  # that the task was created is further up, and was not seen either
    moved = page.locator(f"#{key}").bounding_box()
    assert moved
    assert abs(moved["y"] - after["y"]) < 2
    page.get_by_role("button", name="1 new below").click()
    expect(page.locator(f"#event-{came.pk}")).to_be_in_viewport()
    expect(page.locator(".new-below")).to_be_hidden()
    bell(page, 1)


FETCHED = """() => performance.getEntriesByType("resource")
  .filter((file) => file.transferSize > 0 && file.name.includes("/static/")).length"""


def test_the_second_page_asks_for_no_static_file(sign_in, team):
    page = sign_in(team.bob)
    fetched = []
    for address in ("/inbox/", "/orgs/acme/tasks/"):
        live(page, address)
        fetched.append(page.evaluate(FETCHED))
    assert fetched[0] > 50
    assert fetched[1] == 0
