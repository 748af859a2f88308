"""Writing a comment, and what is done to it, by two people in two browsers on the running product."""

import re

from playwright.sync_api import expect

from events.models import TaskEvent
from inbox.models import Notification
from tests.browser.test_two_people import live, team

__all__ = ["team"]

TASK = "/orgs/acme/tasks/1/"


def commented(count: int) -> None:
    assert TaskEvent.objects.filter(action="commented").count() == count


def test_a_comment_is_written_posted_in_place_edited_and_answered(team, sign_in):
    alices, bobs = live(sign_in(team.alice), TASK), live(sign_in(team.bob), TASK)
    alices.evaluate("window.isTheSamePage = true")
    field = alices.locator(".composer textarea")
    field.focus()
    alices.keyboard.type("See **this**, @BO")
    expect(alices.get_by_role("option", name="Bob bob")).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("offers"))
    alices.keyboard.press("Escape")
    expect(alices.get_by_role("listbox")).to_be_hidden()
    alices.keyboard.press("Backspace")
    expect(alices.get_by_role("option", name="Bob bob")).to_be_visible()
    alices.keyboard.press("Tab")
    alices.keyboard.type("and @karol: acme-ring")
    expect(alices.get_by_role("option", name="ACME-1 Ring the bells")).to_be_visible()
    alices.keyboard.press("Enter")
    expect(field).to_have_value("See **this**, @bob and @karol: ACME-1 ")
    expect(alices.locator("[data-told]")).to_have_text("Bob will be told (mentioned)")
    expect(alices.locator("[data-unknown]")).to_have_text("@karol is nobody in Acme")
    alices.get_by_role("button", name="Preview").click()
    expect(alices.locator("[data-preview] strong")).to_have_text("this")
    alices.get_by_role("button", name="Write").click()
    field.press("Control+Enter")
    own = alices.locator("#timeline .timeline-comment")
    expect(own.locator("a", has_text="ACME-1")).to_have_attribute("href", TASK)
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    expect(alices.locator("[data-kept]")).to_have_text("")

    theirs = bobs.locator("#timeline .timeline-comment")
    expect(theirs.locator(".mention-you")).to_have_text("@bob")
    theirs.locator(".reaction-add").click()
    theirs.locator(".reaction-choice").get_by_role("button", name="thumbs up").click()
    expect(own.locator(".reactions > button")).to_have_attribute("title", "Bob: thumbs up")
    expect(theirs.locator(".reactions > button")).to_have_attribute("aria-pressed", "true")

    own.get_by_role("link", name="Edit").click()
    expect(own.locator("form textarea")).to_be_focused()
    own.locator("form textarea").fill("See *that*.")
    own.locator("form textarea").press("Control+Enter")
    expect(theirs.locator("em")).to_have_text("that")
    expect(theirs.get_by_role("link", name="edited")).to_be_visible()
    expect(own).to_have_count(1)
    own.locator(".comment-acts summary").click()
    own.get_by_role("button", name="Delete comment").click()
    expect(theirs).to_contain_text("Alice deleted this comment.")
    assert alices.evaluate("window.isTheSamePage")
    unread = Notification.objects.filter(recipient=team.alice, reason="reaction", state=0)
    assert not unread.exists()  # it was before her eyes


def test_words_that_cannot_be_sent_are_kept(team, sign_in, watch):
    watch.expect("ERR_INTERNET_DISCONNECTED|ERR_FAILED|401|409")
    page = live(sign_in(team.alice), TASK)
    field, failed = page.locator(".composer textarea"), page.locator(".composer [data-failed]")
    page.route(
        "**/comment/", lambda route: (route.fetch(), route.abort())
    )  # it arrives, and the answer is lost
    field.fill("Half a thought")
    field.press("Control+Enter")
    expect(failed).to_contain_text("Your text is kept here")
    commented(1)
    page.unroute("**/comment/")
    field.press("Control+Enter")
    expect(field).to_have_value("")
    expect(page.locator("#timeline .timeline-comment")).to_have_count(1)
    commented(1)

    field.fill("Another")
    expect(page.locator("[data-kept]")).to_have_text("Draft kept")
    page.reload()
    expect(field).to_have_value("Another")
    refusal = {"error": {"code": "conflict", "message": "This task is archived."}}
    page.route("**/comment/", lambda route: route.fulfill(status=409, json=refusal))
    field.press("Control+Enter")
    expect(failed).to_have_text("This task is archived.")
    expect(field).to_have_value("Another")
    page.goto("/inbox/")
    page.locator(".account-button").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/**")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('carillon-draft'))") == []
