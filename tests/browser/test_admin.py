"""The audit in a browser: the content security policy leaves it whole, it fits narrow screens, and its form works."""

import json
import re
from pathlib import Path

import pytest
from django.db.models import QuerySet
from playwright.sync_api import expect

from events.models import LogHead, TaskEvent
from orgs.models import User
from tests.browser.barriers import barriers_of
from tests.factories import UserFactory
from tests.tasks.acme import found, move, new_task
from tests.triggers import without_triggers

LIST = "/admin/events/taskevent/"
HEADS = "/admin/events/loghead/"


@pytest.fixture
def auditor(transactional_db: None) -> User:
    team = found("acme", alice="owner", bob="member")
    task = new_task(team, actor=team.alice, title="Rotate the keys of every host " * 5)
    move(task, "in_progress", actor=team.bob)
    return UserFactory(username="audrey", is_staff=True, is_superuser=True)


def all_pages():
    events = [f"{LIST}{pk}/change/" for pk in TaskEvent.objects.values_list("pk", flat=True)]
    heads = [f"{HEADS}{pk}/change/" for pk in LogHead.objects.values_list("pk", flat=True)]
    return [LIST, f"{LIST}?action=status_changed&q=keys", *events, HEADS, *heads]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_an_auditor_narrows_the_list_and_reads_an_event(sign_in, auditor, colours):
    page = sign_in(auditor, color_scheme=colours)
    page.goto(LIST)
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_label("Who").select_option(label="Bob (bob)")
    page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name="2").first.click()
    change = page.locator(".audit-changes tbody tr")
    expect(change.locator("td")).to_have_text(["Open", "In progress"])
    before, after = (change.locator("td").nth(number).bounding_box() for number in (0, 1))
    assert before["y"] == after["y"]
    assert before["x"] < after["x"]
    page.get_by_role("link", name="Whole history of ACME-1").click()
    expect(page.locator("h1").last).to_contain_text("History of ACME-1")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="Show all events").click()
    expect(page.locator("h1").last).to_have_text("Events")


@pytest.mark.once  # how a page looks stands on no database
def test_it_fits_a_telephone(sign_in, auditor):
    page = sign_in(auditor, viewport={"width": 360, "height": 700})
    for address in all_pages():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        for part in page.locator("#result_list .field-what, .audit-changes td").all():
            box = part.bounding_box()
            assert box["x"] + box["width"] <= 360


@pytest.mark.once  # how a page looks stands on no database
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nothing_bars_anybody(sign_in, watch, auditor, colours):
    watch.expect("Applying inline style")  # the checker tries some
    page = sign_in(auditor, color_scheme=colours)
    for address in all_pages():
        page.goto(address)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert barriers_of(page, colours) == [], address


def test_the_chart_is_drawn_without_a_script_and_its_table_leads_to_a_day(sign_in, auditor):
    page = sign_in(auditor, java_script_enabled=False)
    page.goto(LIST)
    chart = page.get_by_role("figure", name=re.compile("^Events per day from .*: 2, most on .* with 2$"))
    drawing = chart.get_by_role("img", name="2 events in 30 days")
    bar, frame = drawing.locator("rect").bounding_box(), drawing.bounding_box()
    assert bar["height"] > 100  # the highest fills the frame, at its right end: today
    assert frame["x"] + frame["width"] - bar["x"] - bar["width"] < bar["width"]
    chart.get_by_text("The figures as a table").click()
    chart.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"since=\d{4}-\d\d-\d\d&until="))
    expect(page.locator("#result_list tbody tr")).to_have_count(2)


def test_what_is_found_can_be_taken_away(sign_in, auditor):
    page = sign_in(auditor)
    page.goto(f"{LIST}?action=status_changed")
    with page.expect_download() as taken:
        page.get_by_role("button", name="JSON Lines").click()
    assert taken.value.suggested_filename == "carillon-events-status-changed-1.jsonl"
    (row,) = map(json.loads, Path(taken.value.path()).read_text().splitlines())
    assert row["changes"] == [{"field": "Status", "before": "Open", "after": "In progress"}]


def test_a_log_is_verified_by_a_button_and_a_finding_leads_to_its_event(sign_in, auditor):
    page = sign_in(auditor)
    page.goto(HEADS)
    expect(page.locator(".field-verification")).to_have_text("Not verified yet")
    page.get_by_role("button", name="Verify the log of Acme").click()
    state = page.locator(".verification-now")
    expect(state).to_have_text(re.compile(r"^Verified to position 2 at \d\d:\d\d on "))
    with without_triggers():
        QuerySet(TaskEvent).filter(position=2).update(subject="Nothing to see")
    page.get_by_role("button", name="Verify from the start").click()
    expect(state).to_have_text(re.compile("^1 finding up to position 2 at "))
    page.locator(".audit-findings").get_by_role("link", name="2").click()
    expect(page.locator(".audit-broken")).to_contain_text("Its digest does not follow on the one before.")


def test_the_event_tells_who_was_notified(sign_in, auditor):
    page = sign_in(auditor)
    page.goto(f"{LIST}{TaskEvent.objects.get(position=2).pk}/change/")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator(".copy")).to_have_text(re.compile("Copied|Selected"))
    told = page.get_by_role("region", name="Who was notified")
    expect(told.get_by_role("row").nth(1)).to_have_text(
        re.compile(r"^\s*Alice \(alice\)\s+Created the task\s+not read")
    )
