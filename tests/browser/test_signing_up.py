"""Somebody who was invited signs up, signs out and signs in by their address, on pages that bar nobody."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from accounts import sign_up
from membership.models import Invitation
from tests.browser.barriers import barriers_of
from tests.tasks.acme import found

PASSWORD = "a long new one"


@pytest.fixture
def invited(transactional_db):
    acme = found("acme", alice="owner")
    Invitation.objects.create(
        organization=acme.organization, invited="ada@example.org", key="ada@example.org", address="ada@example.org",
        role="member", invited_by=acme.alice, expires_at=timezone.now() + dt.timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def server(start_server):
    return start_server(MAIL_URL="smtp://127.0.0.1:9")


def code():
    """Nothing is sent in time: it is looked up where it waits."""
    return Session.objects.get().get_decoded()[sign_up.KEY]["code"]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_from_an_invitation_to_an_account(browser, server, invited, colours):
    page = browser.new_page(
        base_url=server.base_url, color_scheme=colours, viewport={"width": 390, "height": 844}
    )

    def is_open_to_all(heading):
        expect(page.locator("h1")).to_have_text(heading)
        assert barriers_of(page, colours) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390

    page.goto("/accounts/login/?next=/accounts/email/")
    is_open_to_all("Sign in")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Your name").press_sequentially("Ada Lovelace")
    expect(page.get_by_label("User name")).to_have_value("ada-lovelace")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Send me a code").click()
    is_open_to_all("Sign up")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Send me a code").click()
    is_open_to_all("Type the code")
    page.get_by_label("Code").fill("WRONG")
    page.get_by_role("button", name="Make my account").click()
    is_open_to_all("Type the code")
    page.get_by_label("Code").fill(code())
    page.get_by_role("button", name="Make my account").click()
    is_open_to_all("Addresses")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("User name or e-mail address").fill("ADA@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".account")).to_be_visible()
    page.close()
