"""Time travel in a browser: the slider, what is live about the past, and how the pages fit."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tasks import commands
from tasks.models import Task
from tasks.services import execute_together
from tests.browser.barriers import barriers_of
from tests.browser.pages import rendered
from tests.browser.pages.opened import Open
from tests.browser.pages.wire import task_event
from tests.tasks.acme import Team, comment, describe, found, move, new_task

TASK = "/orgs/acme/tasks/1/"
HISTORY = "/orgs/acme/history/"


@pytest.fixture
def team(transactional_db: None) -> Team:
    team = found("acme", alice="owner", bob="member")
    task = new_task(team, actor=team.alice, description="It squeaks.")
    move(task, "in_progress", actor=team.bob)
    comment(task, "https://example.com/" + "very-long-" * 30, actor=team.bob)
    describe(task, "It squeaks a lot.", actor=team.alice)
    move(task, "done", actor=team.alice)
    return team


def live(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator(".state")).to_have_attribute("data-state", "live")
    return page


def status(page: Page) -> str | None:
    return page.locator(".task-side .status").text_content()


def test_arrow_keys_go_back_in_time(sign_in, team):
    page = live(sign_in(team.alice), TASK)
    page.get_by_role("link", name="Look back").click()
    expect(page.locator(".past-bar")).to_contain_text("version 5 of 5")
    slider = page.get_by_label("Version of ACME-1 to look at")
    slider.focus()
    page.evaluate("window.same = true")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    # Before the page of it is there, the slider says where it stands.
    said = re.compile(r"^Version 2 of 5, .*: Bob moved it from Open to In progress$")
    expect(slider).to_have_attribute("aria-valuetext", said)
    expect(page.locator(".changes ins")).to_have_text("In progress")
    expect(page.locator("#then > li")).to_have_count(2)
    expect(page).to_have_url(f"{TASK}?version=2")
    expect(slider).to_be_focused()
    assert page.evaluate("window.same") is True
    assert "version 2" in page.title()
    page.go_back()
    expect(page.locator("#timeline > .timeline-item")).to_have_count(5)


def test_a_page_of_earlier_entries_is_live_and_leads_to_the_newest(sign_in, team):
    page = live(sign_in(team.alice), f"{TASK}?before=4")
    expect(page.locator("#timeline > .timeline-item")).to_have_count(3)
    move(Task.objects.get(), "open", actor=team.bob)
    expect(page.locator("#edit-status")).to_have_value("open")
    expect(page.locator("#timeline > .timeline-item")).to_have_count(3)
    page.get_by_role("link", name="Show the newest entries").click()
    expect(page.locator("#timeline > .timeline-item")).to_have_count(6)


def test_without_scripts_links_and_the_form_lead_through_time(sign_in, team):
    page = sign_in(team.alice, java_script_enabled=False)
    page.goto(TASK)
    page.locator("#timeline > .timeline-item").nth(1).locator(".timeline-when").click()
    assert status(page) == "In progress"
    page.get_by_role("link", name="Previous").click()
    assert status(page) == "Open"
    page.get_by_label("Version of ACME-1 to look at").press("End")
    page.get_by_role("button", name="Show").first.click()
    assert status(page) == "Done"
    page.get_by_role("link", name="Back to now").click()
    assert page.locator(".past-bar").count() == 0


def test_the_past_stays_and_says_that_there_is_more(sign_in, team):
    page = live(sign_in(team.alice), f"{TASK}?version=1")
    comment(Task.objects.get(), "One more", actor=team.bob)
    expect(page.locator("[data-newer]")).to_contain_text("1 change is newer than this page.")
    expect(page.locator("[data-said='count']")).to_have_text("6")
    assert status(page) == "Open"
    assert "One more" not in (page.locator("main").text_content() or "")


def test_new_events_wait_behind_a_pill(sign_in, team):
    alice = live(sign_in(team.alice), HISTORY)
    filtered = live(sign_in(team.alice), f"{HISTORY}?action=created")
    task = new_task(team, actor=team.bob, title="Paint the door")
    comment(task, "Blue?", actor=team.bob)
    expect(alice.locator("#new-pill")).to_have_text("2 new")
    expect(filtered.locator("#new-pill")).to_have_text("1 new")
    alice.locator("#new-pill").click()
    entries = alice.locator(".log-entry .row-link")
    expect(entries.first).to_have_text("Bob commented on ACME-2")
    entries.nth(1).click()
    expect(alice.locator(".past-bar")).to_contain_text("version 1 of 2")


def test_a_text_that_was_erased_meanwhile_says_so(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_detail(rendered.boot(follow=True), rendered.task()))
    it.acme.send(task_event(42, action="commented", version=9, details={"text": None, "mentions": []}))
    comment_ = it.page.locator("#timeline .prose")
    expect(comment_).to_have_text("This text was erased.")
    expect(comment_).to_have_class("prose comment-text second")
    expect(it.page.locator(".timeline-when").last).to_have_attribute("href", "?version=9")


@pytest.mark.once  # how a page looks stands on no database
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_pages_fit_and_can_be_used_by_everybody(sign_in, team, watch, colours):
    watch.expect("status of 400")
    page = sign_in(team.alice, color_scheme=colours, viewport={"width": 320, "height": 700})
    for address in (
        TASK,
        f"{TASK}?version=4",
        f"{TASK}?version=99",
        f"{TASK}?at=2020-01-01",
        f"{TASK}?at=soon",
        HISTORY,
        f"{HISTORY}?actor=nobody",
        f"{HISTORY}?until=2020-01-01",
    ):
        live(page, address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        for opened in page.locator(".look-at > summary").all():
            opened.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        assert barriers_of(page, colours) == [], address


def test_one_save_is_one_toast_and_one_line(sign_in, team):
    """Three fields of one form, as two others meet it: on the page of the history, and on any other."""
    other = found("globex", alice="owner", bob="member")
    history = live(sign_in(team.bob), HISTORY)
    elsewhere = live(history.context.new_page(), f"/orgs/{other.slug}/tasks/")
    task = Task.objects.get(number=1)
    execute_together(
        [
            commands.RenameTask(task_id=task.pk, title="Mend the door"),
            commands.ChangeStatus(task_id=task.pk, status="open"),
            commands.AssignTask(task_id=task.pk, assignee_id=team.bob.pk),
        ],
        actor=team.alice,
    )
    renamed = "Alice renamed ACME-1 from “Fix the door” to “Mend the door”"
    told = f"{renamed}, moved it from Done to Open and assigned it to "
    expect(elsewhere.locator(".toast")).to_have_text(re.compile(re.escape(f"{told}you")))
    expect(elsewhere.locator(".toast")).to_have_count(1)
    expect(history.locator("#new-pill")).to_have_text(re.compile("^1 new"))
    history.locator("#new-pill").click()
    expect(history.locator(".log-entry .row-link").first).to_have_text(f"{told}Bob")
