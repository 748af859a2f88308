"""The task list and the page of one task, kept current by frames."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tasks.labels import tint
from tests.browser.pages import rendered
from tests.browser.pages.opened import Open, now, unread_frame
from tests.browser.pages.site import Site
from tests.browser.pages.wire import cursor, task_event, welcome

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
        ("labels_changed", {"from": [], "to": ["mail", "tür"]}),
    ]
    for position, (action, details) in enumerate(changes, start=42):
        frame = task_event(position, action=action, details=details, names={"5": "Carol"}, created_at=now())
        it.acme.send(frame)
    row = it.page.locator("#task-rows tr").nth(1)
    expect(row.locator("[data-field='due']")).to_contain_text("tomorrow")
    expect(row.locator(".status")).to_have_text("In progress")
    expect(row.locator(".status")).to_have_attribute("data-status", "in_progress")
    expect(row.locator(".label")).to_have_text(["mail", "tür"])
    tints = row.locator(".label").evaluate_all("labels => labels.map(label => Number(label.dataset.tint))")
    assert tints == [tint("mail"), tint("tür")]
    expect(row.locator("[data-field='title']")).to_have_text(MARKUP)
    expect(row.locator("[data-field='assignee']")).to_have_text("Carol")
    assert "is-fresh" in (row.get_attribute("class") or "")
    expect(row).not_to_have_class("task is-fresh")
    it.acme.send(task_event(47, details={"from": "in_progress", "to": "done"}))
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
    expect(it.page.locator("#edit-status")).to_have_value("in_progress")


def test_history_that_the_page_has_already_is_not_doubled(opened: Callable[..., Open]) -> None:
    page = rendered.task_detail(
        rendered.boot(41, follow=True), rendered.task(), rendered.history(42, "Alice moved it")
    )
    it = opened(page)
    it.acme.send(task_event(42), task_event(43))
    expect(it.page.locator("#timeline > li")).to_have_count(2)


def test_controls_follow_unless_they_are_in_use(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_detail(rendered.boot(follow=True), rendered.task()))
    it.page.locator("#edit-due").focus()
    it.page.locator(".title-place").hover()
    it.acme.send(
        task_event(42, action="due_date_changed", details={"from": None, "to": "2026-12-24"}),
        task_event(43, action="assignee_changed", details={"from": None, "to": 3}, names={"3": "Alice"}),
    )
    expect(it.page.locator("#edit-assignee")).to_have_value("3")
    expect(it.page.locator("#edit-due")).to_have_value("")
    it.page.get_by_role("button", name="Rename ACME-12").click()
    it.page.locator("#edit-title").fill("My words")
    it.acme.send(
        task_event(44, action="renamed", details={"from": "Rotate the keys", "to": "Theirs"}, version=9)
    )
    expect(it.page.locator("h1")).to_have_text("Theirs")
    expect(it.page.locator("#edit-title")).to_have_value("My words")
    expect(it.page.locator(".title-place [name='seen_version']")).not_to_have_value("9")
    it.page.keyboard.press("Escape")
    expect(it.page.locator("h1")).to_be_visible()


def test_no_row_moves_under_a_pointer_or_the_focus(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_list(rendered.boot(follow=True), rendered.task()))
    row = it.page.locator("#task-rows tr")
    row.hover()
    before = row.bounding_box()
    it.acme.send(created(42))
    expect(it.page.locator("#new-pill")).to_have_text("1 new")
    assert row.bounding_box() == before


def test_a_dot_comes_with_a_notification_and_goes_with_the_marks(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_list(rendered.boot(follow=True), rendered.task()))
    row = it.page.locator("#task-rows tr")
    dot = row.locator(".unread-dot")
    expect(dot).to_be_hidden()
    for position in (42, 43):
        mark = {"id": 1000 + position, "reason": "org", "unread": True, "state": "unread"}
        it.user.send(task_event(position, notification=mark))
    expect(dot).to_be_visible()
    for change, unread in (
        ({"act": "read", "mark": 1, "state": "read", "event_ids": [1042]}, "1043"),
        ({"act": "read-threads", "mark": 2, "state": "read", "threads": {rendered.TASK_ID: 1043}}, ""),
    ):
        it.user.send(unread_frame(0, 43, change=change, revision=change["mark"]))
        expect(row).to_have_attribute("data-unread", unread)
    expect(dot).to_be_hidden()


def test_on_the_board_what_others_move_waits_for_the_hand_to_go(opened: Callable[..., Open]) -> None:
    """Under a pointer and under the focus nothing moves; what waits is said, and comes once the hand is gone."""
    tasks = [rendered.task(13, OTHER_TASK), rendered.task(12)]
    it = opened(rendered.task_board(rendered.boot(follow=True), *tasks))
    column = {
        status: it.page.locator(f"[data-column='{status}']") for status in ("open", "in_progress", "done")
    }
    column["open"].locator(".task-card").nth(1).hover()
    before = [card.bounding_box() for card in column["open"].locator(".task-card").all()]
    it.acme.send(task_event(42, task_id=OTHER_TASK, number=13, key="ACME-13"))
    expect(it.page.locator("#new-pill")).to_have_text("1 new")
    assert [card.bounding_box() for card in column["open"].locator(".task-card").all()] == before
    it.page.mouse.move(0, 0)
    expect(column["in_progress"].locator(".task-card")).to_have_count(1)
    expect(it.page.locator("#new-pill")).to_be_hidden()
    expect(column["open"].locator("[data-count]")).to_have_text("1")
    column["in_progress"].locator("a").focus()
    it.acme.send(task_event(43, details={"from": "open", "to": "in_progress"}))
    expect(it.page.locator("#new-pill")).to_have_text("1 new")
    it.page.evaluate("document.activeElement.blur()")
    expect(column["in_progress"].locator(".task-card")).to_have_count(2)
    keys = column["in_progress"].locator("[data-field='key']")
    expect(keys).to_have_text(["ACME-13", "ACME-12"])
    it.acme.send(
        task_event(44, action="archived", details={}),
        created(45) | {"task_id": "33333333-3333-4333-8333-333333333333", "number": 14, "key": "ACME-14"},
    )
    expect(keys).to_have_text(["ACME-13"])
    expect(column["open"].locator("[data-field='title']")).to_have_text("A new one")


def test_a_move_that_is_refused_is_taken_back_with_a_sentence(opened: Callable[..., Open]) -> None:
    it = opened(rendered.task_board(rendered.boot(follow=True), rendered.task()))
    refusal = {"error": {"code": "conflict", "message": "This task is archived. Restore it first."}}
    it.page.route("**/tasks/12/status/", lambda route: route.fulfill(status=409, json=refusal))
    it.page.locator(".task-card a").focus()
    it.page.keyboard.press("Shift+ArrowRight")
    expect(it.page.locator("#toasts")).to_contain_text("ACME-12 was not moved. This task is archived.")
    expect(it.page.locator("[data-column='open'] .task-card a")).to_be_focused()


def test_a_list_read_again_keeps_the_row_that_somebody_types_in(
    opened: Callable[..., Open], site: Site
) -> None:
    it = opened(rendered.task_list(rendered.boot(41, follow=True), rendered.task()))
    row = it.page.locator("#task-rows tr").first
    row.get_by_role("button", name="Edit").click()
    row.get_by_label("Title").fill("half a title")
    tasks = [rendered.task(title="Renamed by others"), rendered.task(13, OTHER_TASK)]
    site.pages["/page/"] = rendered.task_list(rendered.boot(50, follow=True), *tasks)
    it.acme.greeting = welcome(cursor(50), mode="reset")
    it.acme.close(4408)
    expect(it.page.locator("#task-rows tr")).to_have_count(2)
    expect(row.get_by_label("Title")).to_have_value("half a title")
    expect(row.get_by_label("Title")).to_be_focused()
