"""Choosing what reaches one, as people do it: a click is saved, the page says what will happen, and toasts obey."""

from playwright.sync_api import expect

from preferences import services
from preferences.chosen import hours_of, switches_of
from preferences.kinds import Channel, Kind, Value
from tests.tasks.acme import comment, new_task


def test_a_click_is_saved_says_what_will_happen_and_holds(acme, sign_in, watch):
    bob = acme.bob.pk
    page = sign_in(acme.bob)
    services.choose(bob, acme.organization.pk, Channel.MAIL, Kind.MINE, Value.OFF)
    page.goto("/preferences/?org=acme")
    page.get_by_role("button", name="Use everywhere’s again").click()
    expect(page.locator(".reach-own")).to_contain_text("as everywhere")
    expect(page.locator("#mail-mine")).to_have_value("digest")

    page.goto("/preferences/")
    page.get_by_role("switch", name="Everything else: Inbox").uncheck()
    expect(page.locator(".reach-channel").first).to_contain_text("takes mentions, assignments, your tasks")
    expect(page.get_by_role("switch", name="Your tasks: Inbox")).to_be_enabled()
    services.choose(bob, None, Channel.TOAST, Kind.WATCHED, Value.OFF)  # in another tab
    page.get_by_role("switch", name="Mentions: Toast").uncheck()
    expect(page.get_by_role("switch", name="Watched tasks: Toast")).not_to_be_checked()
    page.get_by_label("Digest at").fill("07:30")
    page.get_by_label("Digest at").press("Tab")
    expect(page.locator("#schedule")).to_contain_text("The digest comes at 7:30")
    assert (hours_of([bob])[bob].digest_at.minute, len(switches_of(bob))) == (30, 3)

    watch.expect("400")
    page.get_by_label("Monday").click()
    for day in ("Tuesday", "Wednesday", "Thursday", "Friday"):
        page.get_by_label(day).click()
    expect(page.locator("#toasts")).to_contain_text("Choose at least one day.")
    expect(page.get_by_label("Friday")).to_be_checked()

    page.locator(".toast").get_by_role("button", name="Close").click()
    page.locator(".reach-channel", has_text="Toast").get_by_role("button", name="Try it").click()
    expect(page.locator("#toasts")).to_contain_text("This is how a note looks")

    page.goto("/orgs/acme/tasks/")
    expect(page.locator(".state")).to_have_attribute("data-state", "live")
    first = new_task(acme, actor=acme.alice)
    comment(first, "@bob?", actor=acme.alice)
    expect(page.locator("[data-bell-count]")).to_have_text("1")
    comment(first, "Done.", actor=acme.carol)  # bob takes part in it now
    expect(page.locator(".toast")).to_contain_text("Carol")
