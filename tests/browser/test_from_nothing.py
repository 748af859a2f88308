"""From an empty database, with two browsers and a mailbox: two people who were told nothing start an organization,
work, go home, get one mail that says what matters, see exactly that, change one preference, and it holds."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.setup_code import setup_code
from followers.lag import logs_behind
from orgs.models import Organization
from outbound.making import hasten
from outbound.models import Delivery
from servers.mail import MailServer
from tests.browser.barriers import barriers_of
from tests.waiting import wait_until

PASSWORD = "a long new one"
ANN, BEN = "ann@example.org", "ben@example.org"
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture
def mailbox():
    with MailServer() as mailbox:
        yield mailbox


@pytest.fixture
def server(start_server, mailbox):
    """One that follows its logs and sends."""
    return start_server(DJANGO_SETTINGS_MODULE="tests.prompt_mail", FOLLOW="1", MAIL_URL=mailbox.url)


class Reader:
    """Somebody's mail program."""

    def __init__(self, mailbox: MailServer, address: str) -> None:
        self._mailbox, self._address, self._read = mailbox, address, 0

    def next(self):
        """Give the next mail: its subject and text. There must be no other."""
        wait_until(lambda: self.count > self._read, f"a mail to {self._address}")
        self._read += 1
        assert self.count == self._read
        mail = self._mailbox.to(self._address)[-1]
        return mail["Subject"], mail.get_body(("plain",)).get_content().replace("\r", "")

    @property
    def count(self) -> int:
        return len(self._mailbox.to(self._address))

    def code(self) -> str:
        _, text = self.next()
        return re.search(r"^ {4}(\S+)$", text, re.MULTILINE)[1]


def path_of(link: str, text: str) -> str:
    """Find what the mail calls so, without the host: the server has another port than links say."""
    return re.search(rf"{re.escape(link)}\s+https?://[^/]+(\S+)", text)[1]


def is_open_to_all(page: Page, heading: str, colours: str) -> None:
    expect(page.locator("h1")).to_have_text(heading)
    assert barriers_of(page, colours) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def begin(page: Page, mail: Reader) -> None:
    """From the bare address to the first task."""
    page.goto("/")
    is_open_to_all(page, "Welcome to Carillon", "light")
    page.get_by_label("Setup code").fill(setup_code())
    page.get_by_label("Your name").press_sequentially("Ann")
    page.get_by_label("E-mail address").fill(ANN)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Make the account")
    is_open_to_all(page, "Type the code", "light")
    page.get_by_label("Code").fill(mail.code())
    press(page, "Confirm address")
    expect(page.locator("h1")).to_have_text("Your organization")
    page.get_by_label("Name", exact=True).press_sequentially("Orchard")
    expect(page.get_by_label("Short name")).to_have_value("orchard")
    press(page, "Create the organization")
    page.get_by_label("What has to be done first?").fill("Order the ladders")
    press(page, "Create the task")
    expect(page.locator("h1")).to_have_text("Invite people to Orchard")


def sign_up(page: Page, mail: Reader) -> None:
    """From the mail that invites to the organization."""
    subject, text = mail.next()
    assert subject == "Ann invites you to Orchard"
    page.goto(path_of("here:", text))
    is_open_to_all(page, "Sign in", "dark")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("E-mail address").fill(BEN)
    page.get_by_label("Your name").press_sequentially("Ben Cooper")
    expect(page.get_by_label("User name")).to_have_value("ben-cooper")
    page.get_by_label("Password").fill("short")
    press(page, "Send me a code")
    is_open_to_all(page, "Sign up", "dark")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Send me a code")
    is_open_to_all(page, "Type the code", "dark")
    page.get_by_label("Code").fill("WRONG")
    press(page, "Make my account")
    page.get_by_label("Code").fill(mail.code())
    press(page, "Make my account")
    expect(page.locator("h1")).to_have_text("Invitation to Orchard")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".messages")).to_have_text("You are now a member of Orchard.")


def ask(page: Page, text: str) -> None:
    page.locator(".composer textarea[aria-autocomplete]").fill(text)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comment-text", has_text=text)).to_be_visible()


def time_passes() -> None:
    """All that has happened is taken note of, and the quiet minute after it is over."""
    orchard = Organization.objects.get().pk
    wait_until(lambda: not logs_behind("mail", [orchard]), "mail has taken all that happened")
    hasten(timezone.now())


def test_two_people_start_work_go_home_and_hear_what_matters(new_page, mailbox, watch):
    watch.expect("400")  # what was typed wrong
    ann, ben = Reader(mailbox, ANN), Reader(mailbox, BEN)
    anns, bens = new_page(), new_page(**PHONE)
    begin(anns, ann)
    anns.get_by_label("E-mail addresses, or a user name").fill(BEN)
    press(anns, "Invite")
    sign_up(bens, ben)
    bens.close()

    anns.goto("/orgs/orchard/tasks/1/")
    anns.get_by_label("Assignee").select_option(label="Ben Cooper")
    expect(anns.locator(".timeline")).to_contain_text("assigned it to Ben Cooper")
    ask(anns, "@ben-cooper could you ask two suppliers?")
    time_passes()

    subject, text = ben.next()
    assert subject == "ORCHARD-1 Order the ladders"
    assert re.findall("Ann.*(?=\n)", text)[:2] == [
        "Ann assigned it to you", "Ann: “@ben-cooper could you ask two suppliers?”"
    ]  # fmt: skip
    at_home = new_page(**PHONE)
    at_home.goto(path_of("Exactly this in your inbox:", text))
    at_home.get_by_label("User name or e-mail address").fill("BEN@example.org")
    at_home.get_by_label("Password").fill(PASSWORD)
    press(at_home, "Sign in")
    expect(at_home.locator("#inbox-rows .notification")).to_have_count(1)
    expect(at_home.locator("#inbox-rows")).to_contain_text("2 new")
    at_home.goto(path_of(subject, text))
    expect(at_home.locator(".timeline-item:focus")).to_contain_text("assigned it to Ben Cooper")

    at_home.goto(path_of("- mentions:", text))
    switch = at_home.locator("#mail-mentions")
    expect(switch).to_be_focused()
    switch.select_option("off")
    expect(at_home.locator(".reach-own")).to_contain_text("Orchard has 1 switch of its own")
    expect(switch).to_be_focused()
    at_home.close()

    ask(anns, "@ben-cooper and a third?")
    anns.goto("/orgs/orchard/tasks/new/")
    anns.get_by_label("Title").fill("Sharpen the saws")
    anns.get_by_label("Assignee").select_option(label="Ben Cooper")
    press(anns, "Create task")
    expect(anns.locator("h1")).to_have_text("Sharpen the saws")
    time_passes()
    subject, text = ben.next()
    assert (subject, "third" in text) == ("ORCHARD-2 Sharpen the saws", False)
    assert Delivery.objects.filter(user__username="ben-cooper").count() == 2
