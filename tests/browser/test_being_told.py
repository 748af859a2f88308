"""Choosing what one is told, and catching up, as people do it."""

from playwright.sync_api import expect

from inbox.models import Mute
from orgs.models import Membership
from tests.tasks.acme import comment, new_task


def test_why_is_answered_in_place_and_what_is_chosen_is_saved_at_once(acme, sign_in, watch):
    task = new_task(acme, actor=acme.alice)
    comment(task, "@bob?", actor=acme.carol)
    page = sign_in(acme.bob)
    page.goto("/orgs/acme/tasks/1/")
    page.locator(".told [data-why]").click()
    answer = page.get_by_role("dialog", name="Were you told?")
    expect(answer).to_contain_text("because Carol mentioned you in it")
    answer.get_by_label("Only what concerns me").check()
    expect(answer.get_by_role("status")).to_have_text("Saved")
    assert acme.membership(acme.bob).level == "participating"
    answer.get_by_role("button", name="Mute the task").click()
    expect(page.locator(".told")).to_contain_text("You muted it until you are mentioned or assigned.")
    assert Mute.objects.get().user.username == "bob"
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".told")).to_contain_text("You are told because you take part in it.")

    page.goto("/orgs/acme/members/")
    page.get_by_label("Role of Carol").select_option("viewer")
    expect(page.locator(".member", has_text="Carol").get_by_role("status")).to_have_text("Saved")
    Membership.objects.filter(user=acme.bob).update(role="member")
    watch.expect("403")
    page.get_by_label("Role of Carol").select_option("member")
    expect(page.locator("#toasts")).to_contain_text("Only owners and admins can change members.")
    expect(page.get_by_label("Role of Carol")).to_have_value("viewer")

    page.goto("/inbox/catch-up/?since=week")
    expect(page.locator(".catch-up-line")).to_contain_text("new, 1 comment")
    page.get_by_role("button", name="Done with this one").click()
    expect(page.get_by_role("heading", name="You are caught up")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    page.goto("/inbox/catch-up/?since=week")
    expect(page.locator(".catch-up-line")).to_have_count(1)
