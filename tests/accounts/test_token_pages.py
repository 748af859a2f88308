"""One's access tokens: made where one has proved lately who one is, seen once, revoked."""

import re

import pytest
from django.test import Client

from accounts.models import AccessRecord
from tests.factories import PASSWORD
from tests.tokens.making import by, new_token
from tokens.models import Token

pytestmark = pytest.mark.django_db

LIST, NEW = "/accounts/tokens/", "/accounts/tokens/new/"
ASKED = {"name": "Nightly report", "scopes": ["read", "inbox"], "organization": "all", "ends": "30"}


@pytest.fixture
def proved(bob):
    """Bob's browser, a moment after he typed his password."""
    bob.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return bob


def test_is_shown_once_and_kept_as_a_digest(acme, proved):
    answer = proved.post(NEW, ASKED)
    (text,) = set(re.findall(r"crl_\w+", answer.content.decode()))
    token = Token.objects.get()
    assert (token.name, token.scope_list, token.organization) == ("Nightly report", ["read", "inbox"], None)
    assert text.split("_")[1] == token.public_id
    assert text not in str([*Token.objects.values_list(), *AccessRecord.objects.values_list()])
    assert text not in str(dict(proved.session))
    page = proved.get(LIST).content.decode()
    assert "Nightly report" in page and text not in page
    api = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {text}"})
    assert api.json()["id"] == acme.bob.pk


def test_who_has_not_proved_lately_is_asked_first(bob):
    for answer in (bob.get(NEW), bob.post(NEW, ASKED)):
        assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "\u2800"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"organization": "9" * 30},
        {"ends": "1000"},
    ],
)
def test_a_wrong_wish_makes_none(proved, wrong):
    answer = proved.post(NEW, ASKED | wrong)
    assert answer.status_code == 400
    assert "Make the token" in answer.content.decode()
    assert not Token.objects.exists()


def test_is_revoked_by_its_owner_alone(acme, bob):
    made, foreign = new_token(acme.bob), new_token(acme.alice)
    assert bob.post(f"{LIST}{foreign.token.pk}/revoke/").status_code == 404
    bob.get(f"{LIST}{made.token.pk}/revoke/")
    assert Client().get("/api/v1/me", **by(made)).status_code == 200
    bob.post(f"{LIST}{made.token.pk}/revoke/")
    assert Client().get("/api/v1/me", **by(made)).status_code == 401
    assert Client().get("/api/v1/me", **by(foreign)).status_code == 200
    kinds = list(AccessRecord.objects.filter(user=acme.bob).order_by("pk").values_list("kind", "about"))
    assert kinds == [("token_made", str(made.token)), ("token_revoked", str(made.token))]


def test_goes_with_its_owner(acme, bob):
    from tasks.erasure import erase_user

    made = new_token(acme.bob, name="Secret project")
    assert "Secret project" in b"".join(bob.get("/accounts/close/export/").streaming_content).decode()
    erase_user(acme.bob.pk)
    assert Client().get("/api/v1/me", **by(made)).status_code == 401
    assert "Secret project" not in str([*Token.objects.values_list(), *AccessRecord.objects.values_list()])
