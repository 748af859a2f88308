"""The browser's way back: to the page as it is now, and to no task once somebody has signed out."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tasks.commands import RenameTask
from tests.chromium import ARGUMENTS, find
from tests.tasks.acme import Team, carry_out, found, new_task

LIST = "/orgs/acme/tasks/"


@pytest.fixture
def browser(browser: Browser) -> Iterator[Browser]:
    """It keeps whole pages for the way back, as people's browsers do; Playwright's own does not."""
    keeping = browser.browser_type.launch(
        executable_path=find(), args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
    )
    yield keeping
    keeping.close()


@pytest.fixture
def team(transactional_db: None) -> Team:
    return found("acme", alice="owner", bob="member")


def back(page: Page) -> None:
    """Playwright's own way waits for a load that a kept page never has."""
    page.evaluate("history.back()")


def test_a_list_that_was_seen_before_is_shown_as_it_is_now(team, sign_in):
    task = new_task(team, actor=team.alice, title="Ring the bells")
    page = sign_in(team.bob)
    for _ in range(2):  # the second answer belongs to the cookies that the page has from now on
        page.goto(LIST)
    page.get_by_role("link", name="Ring the bells").click()
    expect(page.locator("h1")).to_have_text("Ring the bells")
    carry_out(RenameTask(task_id=task.pk, title="Mend the bells"), actor=team.alice)
    with page.expect_response(lambda response: response.url.endswith(LIST)) as answered:
        back(page)
    assert "Mend the bells" in answered.value.text()


def test_whoever_signed_out_shows_no_task(team, sign_in, watch):
    watch.expect("401|403|WebSocket connection")  # the old page asks once more before it goes
    new_task(team, actor=team.alice, title="Ring the bells")
    page = sign_in(team.bob)
    page.goto(LIST)
    page.locator(".account summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/accounts/login/$"))
    back(page)
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))
    expect(page.get_by_text("Ring the bells")).to_have_count(0)
