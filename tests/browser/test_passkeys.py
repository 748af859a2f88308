"""A passkey in a browser with an authenticator of its own: added, then signing in alone, then as the second step."""

import pytest
from playwright.sync_api import Page, expect

from orgs.models import User
from tests.browser.barriers import barriers_of
from tests.factories import PASSWORD
from tests.tasks.acme import found

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(new_page, server, watch) -> Page:
    """Browsers have passkeys on `localhost`, and on no address of numbers."""
    watch.expect("401")  # a socket that is gone asks once more while the next page comes
    watch.origin = server.base_url.replace("127.0.0.1", "localhost")
    return new_page(base_url=watch.origin)


def add_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def type_password(page: Page, user: User) -> None:
    page.goto("/accounts/login/?next=/orgs/")
    page.get_by_label("User name or e-mail address").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/sessions/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_signs_in_alone_and_as_the_second_step(page):
    bob = found("acme", alice="owner", bob="member").bob
    add_authenticator(page)
    type_password(page, bob)
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("My laptop")
    assert barriers_of(page, "light") == []
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/accounts/2fa/")
    expect(page.get_by_role("link", name="Rename My laptop")).to_be_visible()
    assert barriers_of(page, "light") == []
    page.goto("/accounts/sessions/")
    assert barriers_of(page, "light") == []
    sign_out(page)

    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator(".account-button")).to_be_visible()
    sign_out(page)

    type_password(page, bob)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    assert barriers_of(page, "light") == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/orgs/")
    sign_out(page)
