"""The audit in a browser: the content security policy leaves it whole, it fits narrow screens, and its form works."""

import pytest
from playwright.sync_api import expect

from events.models import TaskEvent
from orgs.models import User
from tests.factories import UserFactory
from tests.tasks.acme import found, move, new_task

LIST = "/admin/events/taskevent/"


@pytest.fixture
def auditor(transactional_db: None) -> User:
    team = found("acme", alice="owner", bob="member")
    task = new_task(team, actor=team.alice, title="Rotate the keys of every host " * 5)
    move(task, "in_progress", actor=team.bob)
    return UserFactory(username="audrey", is_staff=True, is_superuser=True)


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


def test_it_fits_a_telephone(sign_in, auditor):
    page = sign_in(auditor, viewport={"width": 360, "height": 700})
    for address in (LIST, *(f"{LIST}{pk}/change/" for pk in TaskEvent.objects.values_list("pk", flat=True))):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        for part in page.locator("#result_list .field-what, .audit-changes td").all():
            box = part.bounding_box()
            assert box["x"] + box["width"] <= 360
