"""Signing up: there is nothing until the address is confirmed, and nobody learns who has an account or invitation."""

import time

import pytest
from allauth.account.models import EmailAddress

from accounts.sign_up import free_user_name
from base.announcements import user_group_name
from orgs.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

TYPED = {
    "email": "Ada@Example.org",
    "first_name": "Ada Lovelace",
    "username": "",
    "password1": "a long new one",
}


@pytest.fixture(autouse=True)
def open_to_all(settings):
    settings.SIGN_UP = "open"


@pytest.fixture
def invited(monkeypatch, settings):
    settings.SIGN_UP = "invitation"
    addresses = {"ada@example.org"}
    monkeypatch.setattr("accounts.sign_up.is_invited", addresses.__contains__)
    return addresses


@pytest.fixture
def begin(client):
    def begin(**typed):
        return client.post("/accounts/signup/", TYPED | typed)

    return begin


@pytest.fixture
def confirm(client):
    return lambda code, **fields: client.post("/accounts/signup/confirm/", {"code": code, **fields})


def test_from_an_address_to_an_account(client, begin, confirm, post):
    assert begin()["Location"] == "/accounts/signup/confirm/"
    assert not User.objects.exists()
    assert confirm(post.code().lower())["Location"] == "/"
    user = User.objects.get()
    assert (user.username, user.display_name, user.email) == (
        "ada-lovelace",
        "Ada Lovelace",
        "ada@example.org",
    )
    assert EmailAddress.objects.filter(
        user=user, email="ada@example.org", verified=True, primary=True
    ).exists()
    assert user.check_password("a long new one")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert post.taken() == []


def test_it_leads_on_to_what_was_asked_for(begin, confirm, post):
    begin(next="/orgs/acme/join/")
    assert confirm(post.code())["Location"] == "/orgs/acme/join/"


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(begin, confirm, post, url):
    begin(next=url)
    assert confirm(post.code())["Location"] == "/"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ada"),
        ("email", "ada@example.org\nBcc: x@example.com"),
        ("email", f"{'a' * 250}@example.org"),
        ("first_name", "Ada\r\nBcc: x@example.com"),
        ("first_name", "\u200b"),
        ("first_name", "Ada\u202eevil"),
        ("first_name", "a" * 151),
        ("username", "ada@example.com"),
        ("username", "ada\u3164"),
        ("username", "a\nb"),
        ("username", "TAKEN"),
        ("username", "a" * 151),
        ("password1", "password"),
        ("password1", "ada-lovelace"),
        ("password1", ""),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(begin, post, field, value):
    UserFactory(username="taken")
    page = begin(**{"username": "ada-lovelace", field: value})
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert post.taken() == []


class TestCodes:
    def test_a_wrong_one_has_words_and_the_third_is_the_last(self, client, begin, confirm, post):
        begin()
        code = post.code()
        for _ in range(2):
            assert "That is not the code" in confirm("WRONG").text
        assert confirm("WRONG")["Location"] == "/accounts/signup/"
        assert "wrong too often" in client.get("/accounts/signup/").text
        assert confirm(code)["Location"] == "/accounts/signup/"
        assert not User.objects.exists()

    def test_an_old_one_has_words(self, client, begin, confirm, post, monkeypatch):
        begin()
        late = time.time() + 15 * 60 + 1
        monkeypatch.setattr(time, "time", lambda: late)
        assert confirm(post.code())["Location"] == "/accounts/signup/"
        assert "That code is too old" in client.get("/accounts/signup/").text
        assert not User.objects.exists()

    def test_another_is_sent_a_little_later_and_the_first_counts_no_more(
        self, begin, confirm, post, monkeypatch
    ):
        begin()
        first = post.code()
        refused = confirm("", action="resend")
        assert (refused.status_code, refused["Retry-After"]) == (429, "10")
        later = time.time() + 11
        monkeypatch.setattr(time, "time", lambda: later)
        confirm("", action="resend")
        second = post.code()
        assert "not the code" in confirm(first).text
        assert confirm(second)["Location"] == "/"

    def test_another_address_can_be_written(self, client, begin, confirm, post):
        begin(email="aad@example.org")
        old = post.code()
        page = client.get("/accounts/signup/").text
        assert 'value="Ada Lovelace"' in page
        begin()
        assert "not the code" in confirm(old).text
        confirm(post.code())
        assert User.objects.get().email == "ada@example.org"


class TestNobodyLearns:
    def shown(self, client, email):
        client.cookies.clear()
        asked = client.post("/accounts/signup/", TYPED | {"email": email})
        page = client.get(asked["Location"])
        again = client.post("/accounts/signup/confirm/", {"code": "WRONG"})
        parts = [
            part.text.replace(email, "ADDRESS").replace(str(part.context["csrf_token"]), "TOKEN")
            for part in (page, again)
        ]
        return asked["Location"], *parts

    def test_whether_an_address_has_an_account_or_an_invitation(self, client, invited, post):
        EmailAddress.objects.create(user=UserFactory(), email="bob@example.org", verified=True)
        shown = [self.shown(client, f"{name}@example.org") for name in ("ada", "bob", "eve")]
        assert shown[0] == shown[1] == shown[2]
        assert [(to, subject) for to, subject, _ in post.taken()] == [
            ("ada@example.org", "Your code to sign up"),
            ("bob@example.org", "You have an account already"),
        ]

    def test_by_how_much_is_done(self, client, invited, post):
        for name in ("ada", "eve"):
            begun = client.post("/accounts/signup/", TYPED | {"email": f"{name}@example.org"})
            made = {each.name for each in begun.templates}
            assert "mail/account/email_confirmation_signup.html" in made
        assert [to for to, _, _ in post.taken()] == ["ada@example.org"]

    def test_an_invitation_that_is_withdrawn_meanwhile_makes_no_account(
        self, client, invited, begin, confirm, post
    ):
        begin()
        invited.clear()
        assert confirm(post.code())["Location"] == "/accounts/signup/"
        assert "no longer be made" in client.get("/accounts/signup/").text
        assert not User.objects.exists()


def test_a_name_that_is_taken_meanwhile_makes_no_account(client, begin, confirm, post):
    begin(username="ada")
    UserFactory(username="ADA", email="")
    assert confirm(post.code())["Location"] == "/accounts/signup/"
    assert "took that user name meanwhile" in client.get("/accounts/signup/").text
    assert not EmailAddress.objects.exists()


@pytest.mark.parametrize("reason", [{"SIGN_UP": "closed"}, {"MAIL_IS_ON": False}])
def test_closed_is_closed(settings, client, begin, post, reason):
    for name, value in reason.items():
        setattr(settings, name, value)
    assert "Nobody can sign up here" in client.get("/accounts/signup/").text
    begin()
    assert (post.taken(), client.get("/accounts/signup/confirm/").status_code) == ([], 302)
    assert "Sign up" not in client.get("/accounts/login/").text


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("Ada Lovelace", "ada-lovelace2"), ("Élodie", "elodie"), ("Ада", "ada"), ("\u0f0b", "ada")],
)
def test_a_user_name_is_suggested_from_the_name_or_the_address(name, suggested):
    UserFactory(username="Ada-Lovelace")
    assert free_user_name(name, "ada@example.org") == suggested


def test_it_ends_the_session_of_another_account_in_the_same_browser(
    client, begin, confirm, post, announcements, django_capture_on_commit_callbacks
):
    other = UserFactory()
    begin()
    code = post.code()
    client.force_login(other)
    with django_capture_on_commit_callbacks(execute=True):
        confirm(code)
    assert client.session["_auth_user_id"] == str(User.objects.get(username="ada-lovelace").pk)
    assert (user_group_name(other.pk), {"type": "session.changed", "user_id": other.pk}) in announcements


@pytest.mark.parametrize("way", ["", "?next=%2Finbox%2F", "?next=%2Finvitations%2F1%2F"])
def test_the_page_of_signing_in_offers_it_once_and_keeps_the_way(client, settings, way):
    settings.MAIL_IS_ON = True
    UserFactory()
    page = client.get(f"/accounts/login/{way}").text
    assert page.count(f'<a href="/accounts/signup/{way}">Sign up</a>') == page.count(">Sign up</a>") == 1
    assert ("answer your invitation" in page) == ("invitations" in way)
