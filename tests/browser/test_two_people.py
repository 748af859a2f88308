"""Two people in two browsers on the running product: live, badge, offline and back, mark all, a second tab."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from inbox.models import Notification
from inbox.states import State
from membership.services import remove_member
from orgs.models import Membership
from tasks.commands import CommentOnTask, CreateTask
from tasks.services import execute
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory


@pytest.fixture
def team(server) -> SimpleNamespace:
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    acme = OrganizationFactory(slug="acme", name="Acme")
    MembershipFactory(organization=acme, user=alice, role=Membership.Role.OWNER)
    MembershipFactory(organization=acme, user=bob)
    created = execute(CreateTask(organization_id=acme.pk, title="Ring the bells"), actor=alice)
    return SimpleNamespace(alice=alice, bob=bob, acme=acme, task_id=created[0].stream_id)


def live(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator(".state").first).to_have_attribute("data-state", "live")
    return page


def comment(team, number: int) -> int:
    events = execute(CommentOnTask(task_id=team.task_id, text=f"change {number}"), actor=team.alice)
    return events[0].pk


def rows(page: Page) -> list[int]:
    events = page.locator("#inbox-rows [data-event]").evaluate_all(
        "rows => rows.map(row => row.dataset.event)"
    )
    return [int(event) for event in events]


def test_a_change_of_status_shows_in_list_bell_and_inbox_without_a_reload(team, sign_in):
    bobs_list = live(sign_in(team.bob), "/orgs/acme/tasks/")
    bobs_inbox = live(bobs_list.context.new_page(), "/inbox/")
    alices = sign_in(team.alice)
    alices.goto("/orgs/acme/tasks/1/")
    alices.get_by_label("Status").select_option("in_progress")
    row = bobs_list.locator("#task-rows [data-task]")
    expect(row.locator("[data-field=status]")).to_have_text(re.compile("In progress"))
    for page in (bobs_list, bobs_inbox):
        expect(page.locator("[data-bell-count]")).to_have_text("2")
        expect(page).to_have_title(re.compile(r"^\(2\) "))
    row = bobs_inbox.locator("#inbox-rows [data-event]")
    expect(row).to_contain_text("Alice, 2 changes · moved it from Open to In progress")
    expect(row).to_contain_text("everything in Acme")


def test_a_new_task_comes_on_top_of_the_list(team, sign_in):
    page = live(sign_in(team.bob), "/orgs/acme/tasks/")
    execute(CreateTask(organization_id=team.acme.pk, title="<b>Second</b> bell"), actor=team.alice)
    expect(page.locator("#task-rows [data-task]").first).to_contain_text("<b>Second</b> bell")
    expect(page.locator("#task-rows [data-task]")).to_have_count(2)


def test_ten_changes_while_offline_are_there_once_and_in_order(team, sign_in, watch):
    watch.expect("ERR_INTERNET_DISCONNECTED|WebSocket connection")
    page = live(sign_in(team.bob), "/inbox/")
    page.context.set_offline(True)
    expect(page.locator(".state").first).to_have_attribute("data-state", "offline")
    expect(page.locator(".state").first).to_contain_text("Offline since")
    missed = [comment(team, number) for number in range(10)]
    page.context.set_offline(False)
    expect(page.locator("[data-bell-count]")).to_have_text("11")
    expect(page.locator(".state").first).to_have_attribute("data-state", "live")
    expect(page.locator("#inbox-rows [data-slot='new']")).to_have_text("11 new")
    assert rows(page) == missed[-1:]


def test_a_reload_shows_what_the_live_page_showed(team, sign_in):
    page = live(sign_in(team.bob), "/inbox/")
    for number in range(3):
        comment(team, number)
    expect(page.locator("#inbox-rows [data-slot='new']")).to_have_text("4 new")
    shown = page.locator("#inbox-rows [data-event]").all_inner_texts()
    page.reload()
    assert page.locator("#inbox-rows [data-event]").all_inner_texts() == shown


def test_mark_all_read_empties_every_tab_and_can_be_undone(team, sign_in):
    comment(team, 1)
    page = live(sign_in(team.bob), "/inbox/")
    other = live(page.context.new_page(), "/orgs/acme/tasks/")
    expect(other.locator("[data-bell-count]")).to_have_text("2")
    page.locator("main").get_by_role("button", name="Mark these 2 read").click()
    for tab in (page, other):
        expect(tab.locator("[data-bell-count]")).to_be_hidden()
        expect(tab).not_to_have_title(re.compile(r"^\("))
    expect(page.locator(".undo-offer")).to_contain_text("2 updates on ACME-1 are read")
    assert not Notification.objects.filter(recipient=team.bob, state=State.UNREAD).exists()
    page.get_by_role("button", name="Undo").click()
    for tab in (page, other):
        expect(tab.locator("[data-bell-count]")).to_have_text("2")


def test_mark_all_read_on_a_filtered_page_leaves_what_the_filter_hid(team, sign_in):
    execute(CommentOnTask(task_id=team.task_id, text="@bob look"), actor=team.alice)
    page = live(sign_in(team.bob), "/inbox/?reason=mentioned")
    other = live(page.context.new_page(), "/inbox/")
    expect(page.locator("#inbox-rows [data-event]")).to_have_count(1)
    comment(team, 1)
    expect(page.locator("[data-bell-count]")).to_have_text("3")
    page.get_by_role("button", name="Mark this one read").click()
    for tab in (page, other):
        expect(tab.locator("[data-bell-count]")).to_have_text("2")
    expect(other.locator("#inbox-rows [data-slot='new']")).to_have_text("2 new")
    page.keyboard.press("z")
    for tab in (page, other):
        expect(tab.locator("[data-bell-count]")).to_have_text("3")


def test_opening_a_notification_reads_it_and_leads_to_its_task(team, sign_in):
    page = live(sign_in(team.bob), "/inbox/")
    page.locator("#inbox-rows [data-event] a").first.click()
    expect(page).to_have_url(re.compile(r"/orgs/acme/tasks/1/\?event="))
    expect(page.locator("h1")).to_have_text("Ring the bells")
    expect(page.locator("[data-bell-count]")).to_be_hidden()


def test_a_comment_appears_on_the_open_task_of_the_other(team, sign_in):
    page = live(sign_in(team.bob), "/orgs/acme/tasks/1/")
    page.get_by_role("textbox", name="Comment").fill("my draft")
    comment(team, 7)
    expect(page.locator("#timeline")).to_contain_text("change 7")
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("my draft")


def test_without_javascript_a_task_can_be_made_changed_and_its_news_read(team, sign_in):
    page = sign_in(team.bob, java_script_enabled=False)
    page.goto("/orgs/acme/tasks/new/")
    page.get_by_label("Title").fill("By hand")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("h1")).to_have_text("By hand")
    page.get_by_label("Status").select_option("in_progress")
    page.locator("[data-edits='status'] button").click()
    expect(page.locator("#timeline")).to_contain_text("Bob moved it from Open to In progress")
    page.goto("/inbox/")
    page.get_by_role("link", name="More about ACME-1").click()
    page.get_by_role("button", name="Mark read").first.click()
    expect(page.locator("#inbox-rows .is-unread")).to_have_count(0)


def test_a_renamed_organization_takes_open_pages_along(team, sign_in):
    """Bob is in the middle of a sentence when an administrator changes the short name."""
    page = live(sign_in(team.bob), "/orgs/acme/tasks/1/?version=")
    page.get_by_role("textbox", name="Comment").fill("half a sentence")
    chief = sign_in(UserFactory(username="chief", is_staff=True, is_superuser=True))
    chief.goto(f"/admin/orgs/organization/{team.acme.pk}/change/")
    chief.get_by_label("Short name").fill("Apex")
    chief.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".crumbs")).to_contain_text("APEX-1")
    expect(page).to_have_url(re.compile(r"/orgs/apex/tasks/1/\?version=$"))
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#timeline")).to_contain_text("half a sentence")
    execute(CommentOnTask(task_id=team.task_id, text="live all the same"), actor=team.alice)
    expect(page.locator("#timeline")).to_contain_text("live all the same")
    page.goto("/orgs/acme/tasks/")
    expect(page).to_have_url(re.compile("/orgs/apex/tasks/$"))


def test_what_a_removed_member_saw_goes_away(team, sign_in, watch):
    watch.expect("404")
    page = live(sign_in(team.bob), "/inbox/")
    expect(page.locator("#inbox-rows [data-event]")).to_have_count(1)
    remove_member(by=Membership.objects.get(user=team.alice), user_id=team.bob.pk)
    expect(page.locator("main")).to_contain_text("Nothing to tell you yet")
    expect(page.locator("[data-bell-count]")).to_be_hidden()
    page.goto("/orgs/acme/tasks/")
    expect(page.locator("main")).not_to_contain_text("Ring the bells")
