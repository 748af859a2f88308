"""Single sign-on against a provider that speaks HTTP: who comes in, who does not, and which address is believed."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config import addresses
from orgs.models import User
from tests.accounts.oidc_provider import CLIENT_ID, CLIENT_SECRET, running
from tests.accounts.signing_in import prove, set_up_app, signed_in_by_page
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

BEGIN = "/accounts/oidc/sso/login/"
ADA = {
    "sub": "17",
    "email": "ada@example.com",
    "email_verified": True,
    "given_name": "Ada",
    "preferred_username": "ada",
}


@pytest.fixture
def provider(settings):
    with running() as provider:
        settings.SIGN_UP = "open"
        settings.OIDC_NAME = "Team ID"
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "APPS": [
                    {
                        "provider_id": "sso",
                        "name": "Team ID",
                        "client_id": CLIENT_ID,
                        "secret": CLIENT_SECRET,
                        "settings": {"server_url": provider.url},
                    }
                ],
            }
        }
        provider.told = ADA
        yield provider


def come_back(provider, client=None, begin=BEGIN, state=None):
    """Go to the provider by the page that leads there, sign in at it, and come back."""
    client = client or Client()
    page = client.post(begin)
    asked = {
        name: values[0] for name, values in parse_qs(urlsplit(page.context["redirect_to"]).query).items()
    }
    assert asked["code_challenge_method"] == "S256"
    back = {"code": provider.code(asked["code_challenge"]), "state": state or asked["state"]}
    return client, client.get(urlsplit(asked["redirect_uri"]).path, back)


def is_in(client):
    return client.get("/orgs/").status_code == 200


def test_without_a_provider_nothing_of_it_is_there(client):
    UserFactory()
    assert "Team ID" not in client.get("/accounts/login/").content.decode()
    assert client.post(BEGIN).status_code == 404


def test_the_sign_in_page_has_its_button_and_a_page_leads_on(provider, client):
    UserFactory()
    assert "Sign in with Team ID" in client.get("/accounts/login/").content.decode()
    page = client.post(BEGIN)
    assert page.status_code == 200  # of a form that is led elsewhere the browser follows none
    assert page.context["redirect_to"].startswith(f"{provider.url}/authorize?")
    assert client.get(BEGIN).status_code == 200
    assert "redirect_to" not in (client.get(BEGIN).context or {})


def test_an_account_is_made_with_the_address_that_the_provider_verified(provider):
    client, _ = come_back(provider)
    assert is_in(client)
    address = EmailAddress.objects.get(email="ada@example.com")
    assert (address.verified, address.user.username, address.user.first_name) == (True, "ada", "Ada")
    assert not address.user.has_usable_password()
    again, _ = come_back(provider)
    assert is_in(again)
    assert User.objects.count() == 1


@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_who_may_not_sign_up_may_not_sign_up_by_it(provider, settings, mode):
    settings.SIGN_UP = mode
    client, _ = come_back(provider)
    assert not is_in(client)
    assert not User.objects.exists()


def test_an_address_that_nobody_verified_makes_no_account(provider):
    for claims in ({"email_verified": False}, {"email_verified": None}, {"email": None}, {"email": ""}):
        provider.told = ADA | claims
        client, answer = come_back(provider)
        assert (answer.status_code, is_in(client)) == (403, False), claims
        assert not User.objects.exists(), claims


@pytest.mark.parametrize("is_verified", [True, False])
def test_no_account_is_joined_by_its_address(provider, is_verified):
    ada = UserFactory(username="ada", email="ada@example.com")
    EmailAddress.objects.create(user=ada, email="ada@example.com", verified=True, primary=True)
    provider.told = ADA | {"email_verified": is_verified}
    client, answer = come_back(provider)
    assert not is_in(client)
    assert answer.status_code == (302 if is_verified else 403)
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize("has_row", [True, False])
def test_an_address_that_was_written_down_for_an_account_leads_to_signing_in(provider, has_row):
    """As older databases have them, and the first account of an installation: nobody confirmed it."""
    old = UserFactory(username="old", email="Ada@example.com")
    if has_row:
        EmailAddress.objects.create(user=old, email="ada@example.com")
    client, answer = come_back(provider)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert "You have an account" in client.get("/accounts/login/").text
    assert User.objects.count() == 1


def test_who_is_signed_in_connects_it_after_proving_who_they_are(provider):
    client = signed_in_by_page(ada := UserFactory(username="ada"))
    begin = f"{BEGIN}?process=connect"
    prove(client)
    come_back(provider, client, begin)
    assert SocialAccount.objects.get().user == ada
    elsewhere, _ = come_back(provider)
    assert is_in(elsewhere)


def test_a_second_factor_is_asked_for_after_it_too(provider):
    client = signed_in_by_page(UserFactory(username="ada"))
    set_up_app(client)
    come_back(provider, client, f"{BEGIN}?process=connect")
    elsewhere, answer = come_back(provider)
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert not is_in(elsewhere)


def test_a_closed_account_stays_closed(provider):
    come_back(provider)
    User.objects.update(is_active=False)
    client, _ = come_back(provider)
    assert not is_in(client)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda provider: setattr(
            provider, "also", ADA | {"sub": "18"}
        ),  # the other answer is about another person
        lambda provider: setattr(provider, "told", {k: v for k, v in ADA.items() if k != "sub"}),
        lambda provider: setattr(provider, "told", ADA | {"aud": "another-client"}),
        lambda provider: setattr(provider, "told", ADA | {"iss": "https://other.example"}),
        lambda provider: setattr(provider, "told", ADA | {"exp": 1}),
        lambda provider: setattr(provider, "status", 500),
        lambda provider: setattr(provider, "told", ADA | {"sub": "1\x007"}),
        lambda provider: setattr(provider, "told", ADA | {"sub": "7" * 500}),
        lambda provider: setattr(provider, "told", ADA | {"email": "no address\x00"}),
        lambda provider: setattr(provider, "also", ["no", "claims"]),
    ],
)
def test_what_does_not_fit_together_signs_nobody_in(provider, spoil):
    spoil(provider)
    client, answer = come_back(provider)
    assert answer.status_code in (200, 302, 401, 403, 502)
    assert not is_in(client)
    assert not User.objects.exists()


def test_a_code_that_somebody_else_began_with_is_refused(provider):
    client, _ = come_back(provider, state="made-up")
    assert not is_in(client)
    assert not User.objects.exists()


def test_names_are_taken_as_if_they_had_been_typed(provider):
    provider.told = ADA | {
        "given_name": "A\nBcc: x@example.com" + "a" * 500,
        "preferred_username": "<b>\x00" * 99,
    }
    client, _ = come_back(provider)
    assert is_in(client)
    user = User.objects.get()
    assert user.first_name.startswith("A Bcc: x@example.com")
    assert len(user.first_name) == 60
    user.full_clean()


def test_a_provider_that_cannot_be_reached_is_said_so(provider, client):
    provider.is_configured = False
    assert client.post(BEGIN).status_code == 502


def test_a_stranger_has_the_provider_asked_so_often_a_minute(provider, client):
    answers = [client.post(BEGIN).status_code for _ in range(70)]
    assert (answers[0], answers[-1]) == (200, 429)


@pytest.mark.once
@pytest.mark.parametrize("address", ["http://login.example.com", "login.example.com", "https://", "ftp://x"])
def test_a_provider_is_reached_over_https(address):
    with pytest.raises((ValueError, ImproperlyConfigured)):
        addresses.issuer(address)
    assert (
        addresses.issuer("https://login.example.com/realms/team/") == "https://login.example.com/realms/team"
    )
