"""The task list and the page of one task, kept current by frames."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import rendered
from tests.browser.pages.opened import Open, now
from tests.browser.pages.wire import task_event

pytestmark = pytest.mark.browser

OTHER_TASK = "22222222-2222-4222-8222-222222222222"
MARKUP = "<img src=x onerror='window.broken = 1'><b>bold</b>"


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
    expect(items.nth(1).locator(".timeline-did")).to_contain_text("Alice moved it from Open to In progress")
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
