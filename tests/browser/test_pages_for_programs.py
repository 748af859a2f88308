"""The pages of tokens, service accounts, webhooks, imports and the API in a browser: they bar nobody, an import shows
how far it is and is taken back, and the keyboard does everything."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from events.models import TaskEvent
from membership import service_accounts
from orgs.models import User
from tasks.models import Task
from tests.browser.barriers import barriers_of
from tests.factories import PASSWORD
from tests.tasks.acme import found, new_task
from tests.tokens.making import by, new_token
from webhooks import services
from webhooks.models import Webhook, WebhookDelivery
from webhooks.wishes import Wish

ACME = "/orgs/acme/"
TOKENS, HOOKS, IMPORT = "/accounts/tokens/", f"{ACME}webhooks/", f"{ACME}tasks/import/"
LONG = "A name that nobody would have thought so long"
ADDRESS = "https://example.com/hooks/" + "a-long-part-" * 8


@pytest.fixture
def team(server) -> SimpleNamespace:
    """An organization whose owner is an auditor too, with a program that commented by its token."""
    acme = found("acme", alice="owner", bob="member")
    User.objects.filter(pk=acme.alice.pk).update(is_staff=True, is_superuser=True)
    new_task(acme, actor=acme.alice)
    owner = acme.membership(acme.alice)
    bot = service_accounts.make(by=owner, name="Deploy", role="member").user
    made = new_token(bot, organization=acme.organization, name=LONG)
    new_token(acme.alice, name=LONG)
    Client().post(
        f"/api/v1{ACME}tasks/1/comments", {"text": "Deployed."}, content_type="application/json", **by(made)
    )
    return SimpleNamespace(acme=acme, alice=User.objects.get(pk=acme.alice.pk), owner=owner, bot=bot)


def hook_of(team: SimpleNamespace) -> Webhook:
    """A webhook that fails, with a delivery of each state."""
    kinds = ["status_changed", "member_joined"]
    hook = services.make(team.owner, Wish(LONG, ADDRESS, kinds=kinds)).webhook
    now = timezone.now()
    failing = {"failures": 2, "failing_since": now, "due_at": now, "last_error": "The receiver answered 503."}
    Webhook.objects.filter(pk=hook.pk).update(position=0, last_at=now, last_status=503, **failing)
    tried = {"webhook": hook, "tries": 2, "status": 503, "duration_ms": 12, "last_at": now}
    for number, state in enumerate(("delivered", "failed", "waiting")):
        about = {"action": "status_changed", "position": number + 1, "event_id": number + 1}
        WebhookDelivery.objects.create(
            message_id=f"msg_{number}", kind="event", state=state, answer="<b>no</b> " * 40, **tried, **about
        )
    WebhookDelivery.objects.create(message_id="msg_test", kind="test", state="waiting", webhook=hook)
    return hook


def prove(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "reauthenticate" not in address)


def paste(page: Page, rows: str) -> None:
    page.goto(IMPORT)
    page.locator("[name=pasted]").fill(rows)
    page.get_by_role("button", name="Look at it first").click()


@pytest.mark.once  # how a page looks stands on no database
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nothing_bars_anybody_from_them(team, sign_in, watch, colours):
    watch.expect("Applying inline style|400")  # the checker tries some; what was typed wrong
    page = sign_in(team.alice, color_scheme=colours, viewport={"width": 320, "height": 700})

    barred: list[object] = []

    def is_open_to_all(name: str) -> None:
        page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = !each.name")
        barred.extend((name, *each) for each in barriers_of(page, colours))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            barred.append((name, "is too wide"))

    def look(*paths: str) -> None:
        for path in paths:
            page.goto(path)
            is_open_to_all(path)

    look(HOOKS)
    hook_of(team)
    page.goto(f"{TOKENS}new/")
    prove(page)
    is_open_to_all("a new token")
    page.get_by_label("Name").fill(LONG)
    page.keyboard.press("Enter")
    expect(page.locator("[data-copy]")).to_be_visible()
    is_open_to_all("a token just made")
    look(TOKENS, f"{ACME}service-accounts/")
    look(HOOKS, f"{HOOKS}1/", f"{HOOKS}1/edit/")
    page.goto(f"{HOOKS}new/")
    page.get_by_label("Name", exact=True).fill("Bot")
    page.get_by_label("Address", exact=True).fill("https://10.0.0.1/")
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    is_open_to_all("a webhook that cannot be")
    page.get_by_label("Address", exact=True).fill("https://example.com/")
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.locator("[data-copy]").first).to_be_visible()
    is_open_to_all("a webhook's secret")
    look(IMPORT)
    paste(page, f"Title;Assignee;Labels\n{'Call the bank ' * 9};bob;\nPay;nobody;\nAsk;;a, b, c\n")
    is_open_to_all("a preview")
    page.get_by_role("button", name="Import 2 tasks").click()
    expect(page.locator("h1")).to_have_text("2 tasks imported")
    is_open_to_all("what was imported")
    through = TaskEvent.objects.exclude(via=None).get()
    look("/admin/events/taskevent/?via=any", f"/admin/events/taskevent/{through.pk}/change/")
    page.goto("/api/v1/")
    page.evaluate(
        "document.querySelectorAll('.reader-operation:not(#markNotifications)').forEach(each => each.remove())"
    )
    is_open_to_all("the API")
    assert barred == []


def test_an_import_shows_how_far_it_is_goes_on_after_a_failure_and_is_taken_back(team, sign_in, watch):
    watch.expect("ERR_FAILED")
    page = sign_in(team.alice)
    paste(page, "Title\n" + "".join(f"Task {number}\n" for number in range(350)))
    expect(page.locator("[data-state]").first).to_have_attribute(
        "data-state", "live"
    )  # the scripts have started
    held: list[Route] = []
    parts: list[Route] = []

    def answer(route: Route) -> None:
        parts.append(route)
        if len(parts) == 2:
            route.abort()  # as if the line were cut
        elif len(parts) == 4:
            held.append(route)
        else:
            route.continue_()

    page.route(f"**{IMPORT}", answer)
    button, said = (
        page.get_by_role("button", name="Import 350 tasks"),
        page.locator("#import-progress [role=status]"),
    )
    expect(said).to_be_hidden()
    button.click()
    expect(said).to_have_text(re.compile("What is imported stays. Press Import again"))
    assert Task.objects.count() == 101
    button.press("Enter")
    expect(said).to_have_text("200 of 350 tasks imported")
    expect(page.get_by_role("progressbar", name="Tasks imported")).to_have_js_property("value", 200)
    button.press("Enter")  # again, while it is under way
    expect(button).to_be_focused()
    held[0].continue_()
    expect(page.locator("h1")).to_have_text("350 tasks imported")
    assert len(parts) == 5
    assert Task.objects.count() == 351
    page.get_by_role("button", name="Archive 350 tasks").click()
    expect(page.locator(".messages")).to_have_text("350 tasks are archived.")
    expect(page.locator(".page-meta")).to_have_text("350 archived since")
    expect(page.get_by_role("button", name=re.compile("^Archive"))).to_have_count(0)
    assert Task.objects.filter(archived=False).count() == 1


def reach(page: Page, name: str) -> None:
    """Go on with the Tab key until the focus stands on what is called so, and is seen."""
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.locator("*:focus")
        if here.count() and name in " ".join(here.inner_text().split()) + (here.get_attribute("name") or ""):
            outlines = here.evaluate(
                "each => ['', '::after'].map(part => getComputedStyle(each, part).outlineStyle)"
            )
            assert outlines != ["none", "none"], f"the focus on {name} is not seen"
            return
    raise AssertionError(f"{name} is not reached")


def carry_out(page: Page, name: str) -> None:
    """Do by the Enter key what is called so: the focus stands on what the page says of it."""
    reach(page, name)
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_be_focused()


@pytest.mark.once  # keys stand on no database
def test_the_keyboard_makes_and_revokes_a_token_and_minds_a_webhook(team, sign_in):
    page = sign_in(team.alice)
    press = page.keyboard.press
    page.goto(TOKENS)
    reach(page, "Make a token")
    press("Enter")
    prove(page)
    expect(page.locator("h1")).to_have_text("Make a token")
    reach(page, "name")
    page.keyboard.type("Nightly")
    reach(page, "scopes")
    reach(page, "Make the token")
    press("Enter")
    reach(page, "Copy")
    press("Enter")
    expect(page.get_by_role("button", name=re.compile("Copied|Selected"))).to_be_focused()
    reach(page, "I have copied it")
    press("Enter")
    reach(page, "Revoke Nightly")
    press("Enter")
    expect(page.get_by_text("Revoke “Nightly”?")).to_be_visible()
    reach(page, "Revoke “Nightly”")
    press("Escape")
    expect(page.get_by_text("Revoke “Nightly”?")).to_be_hidden()
    expect(page.locator("summary", has_text="Revoke Nightly")).to_be_focused()
    press("Enter")
    carry_out(page, "Revoke “Nightly”")
    expect(page.get_by_text("Nightly", exact=True)).to_have_count(0)

    hook_of(team)
    page.goto(HOOKS)
    reach(page, LONG)
    press("Enter")
    reach(page, "Try now")
    carry_out(page, "Send a test")
    carry_out(page, "Pause")
    reach(page, "Resume from where it stopped")
    reach(page, "Edit")
    reach(page, "Skip what waits")
    press("Enter")
    press("Escape")
    expect(page.get_by_role("button", name=re.compile("^Skip [0-9]"))).to_be_hidden()
    reach(page, "Status changed")
    press("Enter")
    expect(page.locator(".webhook-answer").first).to_be_visible()
    reach(page, "Send again")
    reach(page, "New secret")
    reach(page, "Remove this webhook")
    press("Enter")
    carry_out(page, f"Remove {LONG}")
    assert not Webhook.objects.exists()


@pytest.mark.once  # when a page asks again stands on no database
def test_what_was_tried_shows_by_itself_but_not_under_the_pointer(team, sign_in):
    hook = hook_of(team)
    page = sign_in(team.alice)
    page.clock.install()
    page.goto(f"{HOOKS}1/")
    rows = page.locator(".webhook-delivery")
    expect(rows).to_have_count(4)
    rows.first.hover()
    WebhookDelivery.objects.create(message_id="msg_later", kind="test", state="waiting", webhook=hook)
    with page.expect_response(lambda answer: "part=1" in answer.url):
        page.clock.run_for(6_000)
    page.clock.run_for(1_000)
    expect(rows).to_have_count(4)
    page.mouse.move(0, 0)
    with page.expect_response(lambda answer: "part=1" in answer.url):
        page.clock.run_for(6_000)
    expect(rows).to_have_count(5)
