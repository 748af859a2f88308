"""List and board on the running product, two people at once: what they change where it stands, and what they see of
each other."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from orgs.models import Membership
from tasks.commands import CreateTask, RenameTask, SetLabels
from tasks.services import execute
from tests.browser.barriers import barriers_of
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

LIST, BOARD = "/orgs/acme/tasks/", "/orgs/acme/board/"


@pytest.fixture
def team(server) -> SimpleNamespace:
    alice, bob = UserFactory(username="alice"), UserFactory(username="bob")
    acme = OrganizationFactory(slug="acme", name="Acme")
    MembershipFactory(organization=acme, user=alice, role=Membership.Role.OWNER)
    MembershipFactory(organization=acme, user=bob)
    first, *_ = [
        execute(CreateTask(organization_id=acme.pk, title=title), actor=alice)[0].stream_id
        for title in ("First", "Second", "Third")
    ]
    return SimpleNamespace(alice=alice, bob=bob, acme=acme, first=first)


def live(page: Page, path: str) -> Page:
    page.goto(path)
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", "live")
    return page


def test_fields_change_where_they_stand_and_a_stale_save_leaves_the_choice(team, sign_in, watch):
    watch.expect("400|409")
    page, others = live(sign_in(team.alice), LIST), live(sign_in(team.bob), LIST)
    row, seen = (each.locator("#task-rows [data-number='1']") for each in (page, others))
    row.locator("td.task-status").click()
    row.get_by_label("Status").select_option("done")
    expect(seen.locator(".status")).to_have_text("Done")
    row.locator("td.task-due").click()
    row.get_by_label("Due date").fill("2030-12-24")
    page.keyboard.press("Enter")
    expect(seen.locator("[data-field='due']")).to_have_text(re.compile("24 Dec 2030"))
    row.get_by_role("button", name="Edit").click()
    title = row.get_by_label("Title")
    title.fill("\u2800")
    page.keyboard.press("Enter")
    expect(row.locator(".field-error")).to_contain_text("people can see")
    title.fill("Alice's words")
    execute(SetLabels(task_id=team.first, labels=["mail"]), actor=team.bob)  # another field: in nobody's way
    execute(RenameTask(task_id=team.first, title="Bob's words"), actor=team.bob)
    expect(row.locator(".label")).to_have_text("mail")
    expect(title).to_have_value("Alice's words")
    page.keyboard.press("Enter")
    dialog = page.locator("dialog.both-dialog")
    expect(dialog).to_contain_text("Bob renamed it from “First” to “Bob's words”")
    expect(dialog.locator(".both-side")).to_have_text(
        [re.compile("Alice's words"), re.compile("Bob's words")]
    )
    dialog.get_by_role("button", name="Use mine").click()
    for each in (row, seen):
        expect(each.locator("[data-field='title']")).to_have_text("Alice's words")


def test_cards_move_by_pointer_keys_and_menu_and_the_other_sees_it(team, sign_in):
    page, others = live(sign_in(team.alice), BOARD), live(sign_in(team.bob), BOARD)

    def where(status):
        for each in (page, others):
            expect(each.locator(f"[data-column='{status}'] [data-number='2']")).to_have_count(1)

    card = page.locator("[data-number='2']")
    card.drag_to(page.locator("[data-column='done'] [data-cards]"))
    where("done")
    page.mouse.move(0, 0)
    card.locator("a").focus()
    page.keyboard.press("Shift+ArrowLeft")
    where("in_progress")
    expect(card.locator("a")).to_be_focused()
    card.locator("summary").click()
    card.get_by_role("button", name="Cancelled").click()
    where("cancelled")
    plain = sign_in(team.bob, java_script_enabled=False)
    plain.goto(BOARD)
    plain.locator("[data-number='2'] summary").click()
    plain.locator("[data-number='2']").get_by_role("button", name="Open").click()
    expect(plain).to_have_url(re.compile(f"{BOARD}$"))
    expect(plain.locator("[data-column='open'] [data-number='2']")).to_have_count(1)


def test_filters_apply_at_once_and_the_slider_leads_through_the_past(team, sign_in):
    execute(SetLabels(task_id=team.first, labels=["mail"]), actor=team.bob)
    page = live(sign_in(team.alice), LIST)
    rows = page.locator(".tasks tbody tr")
    page.get_by_label("Label", exact=True).select_option("mail")
    expect(rows).to_have_count(1)
    page.get_by_label("Words of titles").fill("second")
    expect(page.locator(".empty")).to_be_visible()
    expect(page.get_by_label("Words of titles")).to_be_focused()
    expect(page).to_have_url(re.compile("label=mail&q=second"))
    for path in (LIST, BOARD):
        page.goto(f"{path}?position=99")
        slider = page.locator("#log-position")
        slider.focus()
        page.keyboard.press("Home")
        expect(page.locator("[data-said='position']")).to_have_text("1")
        titles = page.locator("main [data-field='title']")
        expect(titles).to_have_text(["First"])
        page.keyboard.press("ArrowRight")
        expect(titles).to_have_text(["Second", "First"])
        expect(slider).to_be_focused()
        expect(page.locator("main .label")).to_have_count(0)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nothing_bars_anybody_from_them(team, sign_in, colours):
    execute(SetLabels(task_id=team.first, labels=["mail", "ui", "web", "z"]), actor=team.bob)
    page = sign_in(team.alice, color_scheme=colours, viewport={"width": 320, "height": 700})
    for address in (
        LIST,
        BOARD,
        f"{LIST}1/",
        f"{LIST}?position=3",
        f"{BOARD}?position=3",
        f"{LIST}1/edit/",
        "/orgs/new/",
    ):
        page.goto(address)
        assert barriers_of(page, colours) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
