"""The first visit to an empty installation, in three steps that bear interruptions."""

import pytest
from django.core.management import call_command

from accounts import setup_code
from accounts.first_account import make_first_account
from base.errors import Conflict
from orgs.models import Organization, User
from tasks.models import Task
from tests.factories import UserFactory
from tests.tasks.acme import signed_in
from tests.tasks.threads import at_once

pytestmark = pytest.mark.django_db

ACCOUNT = {
    "step": "1", "first_name": "Ada Lovelace", "username": "ada", "email": "Ada@example.com",
    "password1": "a long way home",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_guesses_yet():
    setup_code.cache.clear()


@pytest.fixture
def code(capsys):
    call_command("setup_code")
    return capsys.readouterr().out.strip()


def test_leads_from_nothing_to_the_first_task(client, code):
    for path in ("/", "/accounts/login/"):
        assert client.get(path)["Location"] == "/welcome/"
    assert "Step 1 of 3" in client.get("/welcome/").content.decode()
    assert (
        client.post("/welcome/", {**ACCOUNT, "code": code.upper().replace("-", " ")})["Location"]
        == "/welcome/"
    )
    ada = User.objects.get()
    assert (ada.is_staff, ada.is_superuser, ada.username) == (True, True, "ada")
    address = ada.emailaddress_set.get()
    assert (address.email, address.verified, address.primary) == ("ada@example.com", False, True)

    assert "Step 2 of 3" in client.get("/welcome/").content.decode()
    client.logout()  # and comes back
    assert client.get("/welcome/")["Location"] == "/accounts/login/?next=/welcome/"
    client = signed_in(ada)
    assert client.get("/")["Location"] == "/welcome/"
    assert client.post("/welcome/", ACCOUNT).status_code == 200  # another tab was at the first step
    assert client.post("/welcome/", {"step": "2", "name": "Initech"})["Location"] == "/welcome/"

    assert client.get("/")["Location"] == "/welcome/"
    assert "Step 3 of 3" in client.get("/welcome/").content.decode()
    assert client.post("/welcome/", {"step": "2", "name": "Again"}).status_code == 200
    assert client.post("/welcome/", {"step": "3", "title": " "}).status_code == 200
    answer = client.post("/welcome/", {"step": "3", "title": "Buy chairs"})
    assert answer["Location"] == "/orgs/initech/members/invite/"
    assert (Organization.objects.count(), Task.objects.get().title) == (1, "Buy chairs")
    assert client.get("/welcome/")["Location"] == "/"
    assert client.get("/")["Location"] == "/inbox/"


def test_where_there_is_mail_the_address_is_confirmed_on_the_way_or_later(client, code, post):
    asked = client.post("/welcome/", {**ACCOUNT, "username": "", "code": code}, follow=True)
    assert asked.redirect_chain == [("/accounts/confirm-email/", 302)]
    assert "Step 1 of 3" in asked.text
    assert "Step 2 of 3" in client.get("/welcome/").text
    wrong = client.post("/accounts/confirm-email/", {"code": "x", "action": "verify"})
    assert "Step 1 of 3" in wrong.text
    right = client.post("/accounts/confirm-email/", {"code": post.code(), "action": "verify"})
    assert right["Location"] == "/welcome/"
    ada = User.objects.get()
    assert (ada.username, ada.emailaddress_set.get().verified) == ("ada-lovelace", True)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code": ""}, "required"),
        ({"code": "x"}, "not the setup code"),
        ({"password1": "short"}, "too short"),
        ({"username": "a@b"}, "no @"),
    ],
    ids=str,
)
def test_makes_nothing_of_what_is_wrong(client, code, fields, error):
    assert error in client.post("/welcome/", {**ACCOUNT, "code": code, **fields}).content.decode()
    assert not User.objects.exists()


def test_guesses_are_bounded(client, code):
    wrong = [client.post("/welcome/", {**ACCOUNT, "code": f"x{number}"}).status_code for number in range(12)]
    assert (set(wrong[:10]), set(wrong[10:])) == ({400}, {429})
    assert client.post("/welcome/", {**ACCOUNT, "code": code}).status_code == 429
    assert not User.objects.exists()


def test_development_asks_for_no_code(client, settings):
    settings.DEBUG = True
    client.post("/welcome/", ACCOUNT)
    assert User.objects.get().username == "ada"


def test_another_key_has_another_code(settings, code):
    settings.SECRET_KEY = "another one, long enough to be a key"
    assert setup_code.setup_code() != code
    assert len(code.replace("-", "")) == setup_code.LETTERS


def test_is_over_once_there_is_an_account(client, code):
    UserFactory(username="first")
    assert (
        client.post("/welcome/", {**ACCOUNT, "code": code})["Location"] == "/accounts/login/?next=/welcome/"
    )
    assert client.get("/accounts/login/").status_code == 200
    with pytest.raises(Conflict, match="made meanwhile"):
        make_first_account(User(username="second"))
    assert User.objects.count() == 1


def test_is_the_administrators_alone(client):
    assert signed_in(UserFactory()).get("/welcome/")["Location"] == "/"


def test_two_at_once_make_one(transactional_db):
    """Whoever comes second waits for the first, and then there is one."""

    def make(name):
        return lambda: make_first_account(User(username=name))

    results = at_once([make("one"), make("two"), make("three")])
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "Conflict", "NoneType"]
    assert User.objects.count() == 1
