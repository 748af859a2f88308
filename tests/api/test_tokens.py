"""Tokens and service accounts, as programs make and revoke them."""

import pytest
from django.test import Client

from events.models import TaskEvent
from orgs.models import Membership, User
from tests.api.answers import is_problem, send
from tests.factories import PASSWORD
from tests.tasks.acme import signed_in
from tests.tokens.making import new_token
from tokens.models import Token

pytestmark = pytest.mark.django_db

NEW = {"name": "Deploy", "scopes": ["read", "write"]}


@pytest.fixture
def proved(acme):
    browser = signed_in(acme.alice)
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return browser


def through(made) -> Client:
    return Client(HTTP_AUTHORIZATION=f"Bearer {made.text}")


def test_a_session_makes_lists_and_revokes_them(acme, proved):
    answer = send(proved, "POST", "/tokens", NEW)
    assert answer.status_code == 201
    made = answer.json()
    text = made.pop("token")
    assert proved.get(answer["Location"]).json() == made
    assert proved.get("/api/v1/tokens").json()["items"] == [made]
    bearer = {"headers": {"Authorization": f"Bearer {text}"}}
    assert Client().get("/api/v1/me", **bearer).json()["id"] == acme.alice.pk
    assert send(proved, "DELETE", f"/tokens/{made['id']}").status_code == 204
    assert Client().get("/api/v1/me", **bearer).status_code == 401
    is_problem(proved.get(answer["Location"]), 404, "not_found")


def test_a_session_proves_itself_first(acme):
    is_problem(send(signed_in(acme.alice), "POST", "/tokens", NEW), 403, "reauthentication_required")


def test_a_token_makes_no_stronger_one(acme, globex):
    globex.join("bob")
    narrow = through(new_token(acme.bob, ["read", "admin"], acme.organization, days=10))
    assert (
        send(
            narrow, "POST", "/tokens", {"name": "x", "scopes": ["read"], "days": 5, "organization": "acme"}
        ).status_code
        == 201
    )
    for wish in (
        {"scopes": ["write"], "days": 5, "organization": "acme"},
        {"scopes": ["read"], "days": 5},
        {"scopes": ["read"], "days": 11, "organization": "acme"},
        {"scopes": ["read"], "days": None, "organization": "acme"},
    ):
        is_problem(send(narrow, "POST", "/tokens", {"name": "x"} | wish), 403, "forbidden")
    is_problem(send(narrow, "POST", "/tokens", NEW | {"organization": "globex"}), 404, "not_found")
    without = through(new_token(acme.bob, ["read", "write", "inbox", "audit"]))
    is_problem(send(without, "POST", "/tokens", NEW), 403, "insufficient_scope")


def test_a_token_of_one_organization_sees_its_own_kind_alone(acme, globex):
    globex.join("bob")
    wide, narrow = new_token(acme.bob), new_token(acme.bob, organization=acme.organization)
    assert [each["id"] for each in through(narrow).get("/api/v1/tokens").json()["items"]] == [narrow.token.pk]
    is_problem(send(through(narrow), "DELETE", f"/tokens/{wide.token.pk}"), 404, "not_found")


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": []}, {"scopes": ["all"]}, {"name": "\u2800"}, {"days": 0}, {"days": 367}, {"more": 1}],
)
def test_a_wrong_wish_is_refused(proved, wrong):
    is_problem(send(proved, "POST", "/tokens", NEW | wrong), 422, "unprocessable")
    assert not Token.objects.exists()


class TestServiceAccounts:
    @pytest.fixture
    def bot(self, proved):
        return send(proved, "POST", "/orgs/acme/service-accounts", {"name": "CI", "role": "member"}).json()

    def test_one_is_a_member_that_works_by_its_token(self, acme, proved, bot):
        user = User.objects.get(pk=bot["user_id"])
        assert (user.username, user.is_service, user.has_usable_password(), user.email) == (
            "ci-bot",
            True,
            False,
            "",
        )
        added = TaskEvent.objects.get(action="member_joined", organization=acme.pk)
        assert (added.actor_id, added.details["user_id"]) == (acme.alice.pk, user.pk)
        address = f"/orgs/acme/service-accounts/{user.pk}/tokens"
        made = send(proved, "POST", address, NEW | {"scopes": ["read", "admin"]}).json()
        assert made["organization"] == "acme"
        client = Client(HTTP_AUTHORIZATION=f"Bearer {made['token']}")
        assert client.get("/api/v1/me").json()["id"] == user.pk
        is_problem(send(client, "POST", "/orgs/acme/service-accounts", {"name": "More"}), 403, "forbidden")
        assert send(proved, "DELETE", f"/orgs/acme/service-accounts/{user.pk}").status_code == 204
        assert client.get("/api/v1/me").status_code == 401
        assert not User.objects.get(pk=user.pk).is_active

    def test_one_owns_nothing_and_cannot_be_invited_elsewhere(self, acme, globex, proved, bot):
        is_problem(
            send(proved, "POST", "/orgs/acme/service-accounts", {"name": "x", "role": "owner"}),
            422,
            "unprocessable",
        )
        answer = send(proved, "PATCH", f"/orgs/acme/members/{bot['user_id']}", {"role": "owner"})
        is_problem(answer, 403, "forbidden")
        assert Membership.objects.get(user=bot["user_id"]).role == "member"

    def test_others_make_none(self, acme, globex):
        for user in (acme.carol, acme.vera):
            is_problem(
                send(signed_in(user), "POST", "/orgs/acme/service-accounts", {"name": "x"}), 403, "forbidden"
            )
        answer = send(signed_in(globex.gina), "POST", "/orgs/acme/service-accounts", {"name": "x"})
        is_problem(answer, 404, "not_found")

    def test_there_are_so_many(self, acme, proved, bot, monkeypatch):
        monkeypatch.setattr("membership.service_accounts.MOST", 1)
        is_problem(send(proved, "POST", "/orgs/acme/service-accounts", {"name": "CI"}), 429, "too_many")
