"""Organizations, members and invitations, as programs see and change them."""

import pytest

from membership.models import Invitation
from orgs.models import Membership
from tests.api.answers import is_problem, send
from tests.tasks.acme import new_task, signed_in
from tests.tokens.making import by, new_token
from tokens.scopes import READ

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(acme):
    return signed_in(acme.alice)


@pytest.fixture
def carol(acme):
    return signed_in(acme.carol)


def test_an_organization_says_where_one_stands(acme, carol):
    new_task(acme, actor=acme.alice)
    (org,) = carol.get("/api/v1/orgs").json()["items"]
    assert org == carol.get("/api/v1/orgs/acme").json()
    assert (org["slug"], org["role"], org["level"], org["unread"]) == ("acme", "member", "all", 1)
    assert org["counts"] == {"unread": 1, "read": 0, "done": 0, "snoozed": 0, "saved": 0}
    assert org["cursor"] == carol.get("/api/users/me/notifications/").json()["cursor"]


def test_lists_come_in_pages(acme, globex, carol):
    globex.join("carol")
    first = carol.get("/api/v1/orgs?limit=1")
    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    second = carol.get(first.json()["next"]).json()
    slugs = [org["slug"] for page in (first.json(), second) for org in page["items"]]
    assert (sorted(slugs), second["next"]) == (["acme", "globex"], None)


def test_what_is_foreign_is_not_there(acme, globex, carol):
    for address in ("/orgs/globex", "/orgs/globex/members", "/orgs/globex/invitations", "/orgs/nowhere"):
        is_problem(carol.get(f"/api/v1{address}"), 404, "not_found")
    is_problem(send(carol, "PUT", "/orgs/globex/level", {"level": "muted"}), 404, "not_found")
    is_problem(carol.get(f"/api/v1/orgs/acme/members/{globex.gina.pk}"), 404, "not_found")


def test_a_token_sees_its_organization_alone(acme, globex, client):
    globex.join("carol")
    made = new_token(acme.carol, [READ], globex.organization)
    assert [org["slug"] for org in client.get("/api/v1/orgs", **by(made)).json()["items"]] == ["globex"]
    is_problem(client.get("/api/v1/orgs/acme/members", **by(made)), 404, "not_found")
    is_problem(client.get("/api/v1/orgs/globex/invitations", **by(made)), 403, "insufficient_scope")


def test_a_level_is_chosen(acme, carol):
    assert send(carol, "PUT", "/orgs/acme/level", {"level": "muted"}).json()["level"] == "muted"
    assert acme.membership(acme.carol).level == "muted"
    is_problem(send(carol, "PATCH", "/orgs/acme", {"name": "Apex"}), 405, "wrong_method")
    refused = is_problem(send(carol, "PUT", "/orgs/acme/level", {"level": "loud"}), 422, "unprocessable")
    assert refused["errors"][0]["at"] == "body.level"


def test_members_and_their_roles(acme, alice, carol):
    listed = alice.get("/api/v1/orgs/acme/members").json()["items"]
    assert {each["username"]: each["role"] for each in listed}["vera"] == "viewer"
    address = f"/orgs/acme/members/{acme.carol.pk}"
    is_problem(send(carol, "PATCH", address, {"role": "admin"}), 403, "forbidden")
    assert send(alice, "PATCH", address, {"role": "admin"}).json()["role"] == "admin"
    offered = send(alice, "PATCH", address, {"role": "owner"})
    assert (offered.status_code, offered.json()["role"]) == (202, "admin")
    assert alice.get(offered["Location"]).json()["role"] == "owner"
    assert send(alice, "DELETE", address).status_code == 204
    assert not Membership.objects.filter(user=acme.carol).exists()
    is_problem(send(alice, "DELETE", f"/orgs/acme/members/{acme.alice.pk}"), 409, "conflict")


def test_invitations_are_made_and_withdrawn(acme, alice, carol):
    is_problem(send(carol, "POST", "/orgs/acme/invitations", {"to": "x@example.com"}), 403, "forbidden")
    made = send(alice, "POST", "/orgs/acme/invitations", {"to": "x@example.com"})
    assert (made.status_code, alice.get(made["Location"]).json()) == (201, made.json())
    assert alice.get("/api/v1/orgs/acme/invitations").json()["items"] == [made.json()]
    is_problem(send(alice, "POST", "/orgs/acme/invitations", {"to": "x@example.com"}), 409, "conflict")
    assert alice.delete(made["Location"]).status_code == 204
    assert Invitation.objects.get().state == "revoked"
    is_problem(alice.get(made["Location"]), 404, "not_found")
