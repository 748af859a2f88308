"""`make screenshots`: every page and state of the demo in both themes and widths, into var/screenshots/.

`python -m tests.screenshots NAME ...` takes those whose name begins so.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright
from tqdm import tqdm

from servers.carillon import ROOT, UvicornServer
from servers.receiver import Got, Receiver, Said
from tests.chromium import ARGUMENTS, find
from tests.demo_server import PASSWORD, demo_server

PLACE = ROOT / "var" / "screenshots"
WIDTHS = {"wide": (1280, 800), "narrow": (390, 844)}
THEMES = ("light", "dark")

Act = Callable[[Page], object]


def press(*keys: str) -> Act:
    return lambda page: [page.keyboard.press(key) for key in keys] and None


def click(selector: str) -> Act:
    return lambda page: page.locator(selector).first.click()


def write(selector: str, text: str) -> Act:
    return lambda page: page.locator(selector).first.press_sequentially(text)


def seen(selector: str) -> Act:
    return lambda page: page.locator(selector).first.wait_for()


def arrived(selector: str) -> Act:
    """Look again until it is there, on a page that does not change by itself."""

    def act(page: Page) -> None:
        for _ in range(40):
            if page.locator(selector).count():
                return
            page.wait_for_timeout(500)
            page.reload()

    return act


def by_another(user: str, path: str, *acts: Act) -> Act:
    """Let somebody else do it meanwhile, in a browser of their own."""

    def act(page: Page) -> None:
        browser = page.context.browser
        assert browser is not None
        context = browser.new_context(base_url="/".join(page.url.split("/", 3)[:3]))
        their = context.new_page()
        sign_in(their, user)
        their.goto(path)
        for each in acts:
            each(their)
        their.wait_for_load_state("networkidle")
        context.close()

    return act


def bob_comments(text: str) -> Act:
    """Let Bob say something meanwhile, which a webhook posts."""
    return by_another(
        "bob", "/orgs/acme/tasks/31/", write("textarea[name=text]", text), press("Control+Enter")
    )


def wait(selector: str) -> Act:
    """Wait for what the page shows by itself, which may take it some seconds."""
    return lambda page: page.locator(selector).first.wait_for(timeout=20_000)


RECEIVER = Receiver()  # of the webhook in the pictures


def answered(got: Got) -> Said:
    """Take every event but those of labels, with a word."""
    if got.message.get("type") == "labels_changed":
        return Said(503, body=b"The archive is being moved. Try again in a minute.")
    return Said(200, body=b"Kept.")


def by_program(method: str, path: str, body: dict[str, object]) -> Act:
    """Let a program do it with the token that the page shows."""
    call = """async ([method, path, body]) => {
      const authorization = "Bearer " + document.querySelector("[data-copy]").textContent;
      const headers = { authorization, "content-type": "application/json" };
      const answer = await fetch(path, { method, headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(await answer.text());
    }"""
    return lambda page: page.evaluate(call, [method, path, body])


def prove(page: Page) -> None:
    """Type the password once more, where the page asks for it."""
    if "reauthenticate" in page.url:
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "reauthenticate" not in address)


def to(path: str) -> Act:
    return lambda page: page.goto(path)


@dataclass(frozen=True)
class Shot:
    """`user`: who looks; nobody where it is empty. `acts` lead from the page at `path` to the state."""

    name: str
    path: str
    acts: tuple[Act, ...] = ()
    user: str = "bob"
    whole: bool = False  # the page from top to bottom, not only what fits the window


SHOTS = (
    Shot("inbox", "/inbox/"),
    Shot("inbox-whole", "/inbox/", whole=True),
    Shot("inbox-open", "/inbox/", (click(".thread-toggle:visible"), seen(".thread-parts"))),
    Shot("inbox-selected", "/inbox/", (press("j", "x", "j", "x"),)),
    Shot("inbox-snooze", "/inbox/", (press("j", "h"),)),
    Shot("inbox-more", "/inbox/", (click("[data-act=more]"), seen(".row-menu"))),
    Shot("inbox-done", "/inbox/", (press("j", "e"), seen(".undo-offer"))),
    Shot("inbox-words", "/inbox/?q=is:unread -reason:org from:carol colour:red"),
    Shot("inbox-nothing", "/inbox/?q=is:saved from:dave"),
    Shot("inbox-snoozed", "/inbox/?q=is:snoozed"),
    Shot("inbox-saved", "/inbox/?q=is:saved"),
    Shot("inbox-why", "/inbox/", (press("j"), click("[data-act=more]"), click("[data-act=why]"))),
    Shot("inbox-two", "/inbox/", user="carol"),
    Shot("keys", "/inbox/", (press("?"),)),
    Shot("catch-up", "/inbox/catch-up/"),
    Shot("preferences", "/preferences/"),
    Shot("preferences-own", "/preferences/?org=acme#mail-mine", whole=True),
    Shot("api", "/api/v1/", (click(".reader-operation summary"),), whole=True),
    Shot("bell", "/orgs/acme/tasks/", (click(".bell summary"),)),
    Shot("account", "/orgs/acme/tasks/", (click(".account summary"),)),
    Shot("tasks", "/orgs/acme/tasks/"),
    Shot("tasks-search", "/orgs/acme/tasks/?q=mail"),
    Shot("tasks-then", "/orgs/acme/tasks/?at=2026-11-16T12:00"),
    Shot("board", "/orgs/acme/board/"),
    Shot("board-then", "/orgs/acme/board/?at=2026-11-16T12:00"),
    Shot(
        "task-at-event",
        "/inbox/",
        (click(".notification:has-text('ACME-38') .notification-link"), seen(".composer")),
    ),
    Shot("task", "/orgs/acme/tasks/43/"),
    Shot(
        "task-writing", "/orgs/acme/tasks/41/", (write("textarea[name=text]", "On it. @ca"), seen(".offer"))
    ),
    Shot(
        "task-toast",
        "/orgs/acme/tasks/",
        (
            by_another(
                "alice",
                "/orgs/acme/tasks/31/",
                write("textarea[name=text]", "@bob today, please?"),
                press("Control+Enter"),
            ),
            seen(".toast"),
        ),
    ),
    Shot(
        "task-stale",
        "/orgs/acme/tasks/12/edit/",
        (
            write("[name=title]", "Two words more: "),
            by_another("alice", "/orgs/acme/tasks/12/edit/", write("[name=title]", "Done. "), press("Enter")),
            press("Enter"),
        ),
    ),
    Shot("task-whole", "/orgs/acme/tasks/12/", whole=True),
    Shot("task-then", "/orgs/acme/tasks/12/?version=3"),
    Shot("task-new", "/orgs/acme/tasks/new/"),
    Shot("task-import", "/orgs/acme/tasks/import/"),
    Shot(
        "task-import-preview",
        "/orgs/acme/tasks/import/",
        (
            write("[name=pasted]", "Title,Assignee,Due\nCall the bank,bob,3/4/2027\nPay,nobody,\n"),
            click("main button[type=submit]"),
            seen(".import-table"),
        ),
    ),
    Shot(
        "task-imported",
        "/orgs/acme/tasks/import/",
        (
            write("[name=pasted]", "Title,Assignee,Due\nCall the bank,bob,3/4/2027\nOrder the ladders,,\n"),
            click("main button[type=submit]"),
            click("[name=import]"),
            seen(".import-tasks"),
        ),
    ),
    Shot("task-edit", "/orgs/acme/tasks/12/edit/"),
    Shot("history", "/orgs/acme/history/"),
    Shot("members", "/orgs/acme/members/", user="alice"),
    Shot(
        "members-invite",
        "/orgs/acme/members/invite/",
        (
            write("[name=text]", "Ann Lee <ann@x.org>; bo@x.org, ann@x.org, no address"),
            click(".form .button-primary"),
            seen(".pasted"),
        ),
        user="alice",
    ),
    Shot("webhooks-none", "/orgs/acme/webhooks/", user="alice"),
    Shot(
        "webhook-wrong",
        "/orgs/acme/webhooks/new/",
        (write("[name=name]", "Archive"), write("[name=address]", "https://10.0.0.1/"), press("Enter")),
        user="alice",
    ),
    Shot(
        "webhook-new",
        "/orgs/acme/webhooks/new/",
        (click(".webhook-kinds summary"),),
        user="alice",
        whole=True,
    ),
    Shot(
        "webhook-made",
        "/orgs/acme/webhooks/new/",
        (
            write("[name=name]", "Archive"),
            lambda page: page.locator("[name=address]").fill(RECEIVER.address),
            press("Enter"),
            seen("[data-copy]"),
        ),
        user="alice",
    ),
    Shot(
        "webhook",
        "/orgs/acme/webhooks/1/",
        (
            click("text=Send a test"),
            bob_comments("Seen."),
            wait(".webhook-delivery >> nth=1"),
            click(".webhook-delivery summary"),
        ),
        user="alice",
        whole=True,
    ),
    Shot(
        "webhook-failing",
        "/orgs/acme/tasks/31/edit/",
        (
            lambda page: page.locator("[name=labels]").fill("archive, security"),
            click("main form .button-primary"),
            to("/orgs/acme/webhooks/1/"),
            wait(".notice"),
            click("text=Remove this webhook"),
        ),
        user="alice",
        whole=True,
    ),
    Shot(
        "webhook-paused",
        "/orgs/acme/webhooks/1/",
        (
            click("text=Pause"),
            bob_comments("Later."),
            wait("text=Skip what waits"),
            click("text=Skip what waits"),
        ),
        user="alice",
    ),
    Shot(
        "webhooks",
        "/orgs/acme/webhooks/new/",
        (
            write("[name=name]", "Chat of the team"),
            lambda page: page.locator("[name=address]").fill(RECEIVER.address + "/chat"),
            lambda page: page.locator("[name=format]").select_option("slack"),
            click(".form .button-primary"),
            to("/orgs/acme/webhooks/"),
        ),
        user="alice",
    ),
    Shot("invitations", "/invitations/"),
    Shot("organizations", "/orgs/"),
    Shot("organization-new", "/orgs/new/"),
    Shot(
        "organization-wrong",
        "/orgs/new/",
        (write("[name=name]", "Acme"), press("Tab"), write("[name=slug]", "a b"), press("Enter")),
    ),
    Shot("not-found", "/orgs/nowhere/tasks/"),
    Shot("password", "/accounts/password_change/"),
    Shot("addresses", "/accounts/email/"),
    Shot("factors", "/accounts/2fa/"),
    Shot("sessions", "/accounts/sessions/"),
    Shot("tokens-none", "/accounts/tokens/"),
    Shot("token-new", "/accounts/tokens/new/", (prove,), whole=True),
    Shot(
        "token-made",
        "/accounts/tokens/new/",
        (prove, write("[name=name]", "Nightly report"), press("Enter"), seen("[data-copy]")),
    ),
    Shot("tokens", "/accounts/tokens/", (click(".token summary"),)),
    Shot("service-accounts-none", "/orgs/acme/service-accounts/", user="alice"),
    Shot(
        "service-account-made",
        "/orgs/acme/service-accounts/",
        (write("[name=name]", "Deploy"), press("Enter"), click("text=Make a token"), prove),
        user="alice",
    ),
    Shot(
        "service-token-made",
        "/orgs/acme/service-accounts/",
        (
            click("text=Make a token"),
            prove,
            write("[name=name]", "Pipeline"),
            click("[name=scopes][value=write]"),
            press("Enter"),
            seen("[data-copy]"),
            by_program("POST", "/api/v1/orgs/acme/tasks/31/comments", {"text": "Deployed to staging."}),
        ),
        user="alice",
    ),
    Shot("service-accounts", "/orgs/acme/service-accounts/", user="alice"),
    Shot("members-with-bot", "/orgs/acme/members/", user="alice", whole=True),
    Shot(
        "task-by-bot",
        "/orgs/acme/tasks/31/",
        (write("textarea[name=text]", "@dep"), seen(".offer")),
        user="alice",
    ),
    Shot(
        "admin-event-via",
        "/admin/events/taskevent/?via=any",
        (click("#result_list tbody a"),),
        user="alice",
        whole=True,
    ),
    Shot("admin-events-via", "/admin/events/taskevent/?via=any", user="alice"),
    Shot("profile", "/accounts/profile/", whole=True),
    Shot("close-account", "/accounts/close/", whole=True),
    Shot("sign-in", "/accounts/login/", user=""),
    Shot("mailbox", "/mailbox/", (click("text=Send now"), arrived(".mailbox-row")), user=""),
    Shot("mailbox-mail", "/mailbox/", (arrived(".mailbox-row"), click(".mailbox-row")), user=""),
    Shot("mail-unreadable", "/mail/off/nothing/", user=""),
    Shot(
        "sign-in-wrong",
        "/accounts/login/",
        (write("[name=username]", "bob"), write("[name=password]", "x"), press("Enter")),
        user="",
    ),
    Shot("sign-up", "/accounts/signup/", user=""),
    Shot("reset", "/accounts/password/reset/", user=""),
    Shot(
        "reset-code",
        "/accounts/password/reset/",
        (write("[name=email]", "bob@example.com"), press("Enter")),
        user="",
    ),
    Shot("admin", "/admin/", user="alice"),
    Shot("admin-events", "/admin/events/taskevent/", user="alice"),
    Shot("admin-event", "/admin/events/taskevent/120/change/", user="alice", whole=True),
    Shot("admin-heads", "/admin/events/loghead/", user="alice"),
    Shot("admin-health", "/admin/health/", user="alice", whole=True),
    Shot("admin-access", "/admin/accounts/accessrecord/", user="alice"),
)


def main(wanted: list[str]) -> None:
    shots = [shot for shot in SHOTS if not wanted or any(shot.name.startswith(name) for name in wanted)]
    PLACE.mkdir(parents=True, exist_ok=True)
    demo = demo_server(OUTBOUND_LOOPBACK="1")
    with demo as server, RECEIVER as receiver, sync_playwright() as playwright:
        receiver.says = answered
        seeded = keep(server)
        browser = playwright.chromium.launch(executable_path=find(), args=ARGUMENTS)
        looks = list(product({shot.user for shot in shots}, THEMES, WIDTHS))
        with tqdm(total=len(shots) * len(THEMES) * len(WIDTHS), unit="picture") as bar:
            for user, theme, width in looks:
                mine = [shot for shot in shots if shot.user == user]
                start_again(server, seeded)
                for taken in take(browser, server.base_url, user, theme, width, mine):
                    bar.update()
                    bar.set_postfix_str(taken.name)
        browser.close()
    print(f"Pictures are in {PLACE.relative_to(ROOT)}/.")


def start_again(server: UvicornServer, seeded: Path) -> None:
    """Give the server the demo as it was seeded: each look begins with it."""
    server.stop()
    current = sqlite3.connect(server.directory / "demo.sqlite3")
    with closing(current), closing(sqlite3.connect(seeded)) as kept:
        kept.backup(current)
    server.start()


def keep(server: UvicornServer) -> Path:
    seeded = server.directory / "seeded.sqlite3"
    current = sqlite3.connect(server.directory / "demo.sqlite3")
    with closing(current), closing(sqlite3.connect(seeded)) as kept:
        current.backup(kept)
    return seeded


def take(
    browser: Browser, url: str, user: str, theme: str, width: str, shots: Iterable[Shot]
) -> Iterable[Path]:
    size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    context = browser.new_context(
        base_url=url,
        color_scheme=theme,
        viewport=size,
        has_touch=width == "narrow",
        is_mobile=width == "narrow",
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if user:
        sign_in(page, user)
    page.set_default_timeout(5_000)  # of an act that this look may not have
    for shot in shots:
        page.goto(shot.path)
        page.wait_for_load_state("networkidle")
        for act in shot.acts:
            with suppress(TimeoutError):
                act(page)
                page.wait_for_load_state("networkidle")
        path = PLACE / f"{shot.name}-{width}-{theme}.png"
        page.screenshot(path=path, full_page=shot.whole, animations="disabled", timeout=60_000)
        yield path
    context.close()


def sign_in(page: Page, user: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=username]").fill(user)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


if __name__ == "__main__":
    main(sys.argv[1:])
