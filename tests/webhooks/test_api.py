"""Webhooks over the API: by the same services as the pages."""

import pytest

from tests.api.answers import is_problem, send
from tests.tasks.acme import new_task, signed_in
from tests.webhooks.conftest import work
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db

HOOKS = "/orgs/acme/webhooks"


@pytest.fixture
def alice(acme):
    return signed_in(acme.alice)


def test_the_life_of_a_webhook(acme, alice, receiver):
    made = send(
        alice, "POST", HOOKS, {"name": " Archive ", "address": receiver.address, "kinds": ["created"]}
    )
    assert (made.status_code, made["Location"]) == (201, f"/api/v1{HOOKS}/1")
    body = made.json()
    assert body["secret"].startswith("whsec_")
    hook = body["webhook"]
    assert (hook["id"], hook["name"], hook["kinds"], hook["behind"]) == (1, "Archive", ["created"], 0)
    assert hook["public_keys"][0].startswith("whpk_")
    assert alice.get(f"/api/v1{HOOKS}").json() == {"items": [hook], "next": None}
    assert alice.get(made["Location"]).json() == hook
    changed = send(alice, "PATCH", f"{HOOKS}/1", {"name": "Bot", "kinds": []}).json()
    assert (changed["name"], changed["kinds"], changed["address"]) == ("Bot", [], receiver.address)
    assert changed["behind"] == 1
    assert send(alice, "POST", f"{HOOKS}/1/pause").json()["state"] == "paused"
    assert send(alice, "POST", f"{HOOKS}/1/test").status_code == 202
    assert send(alice, "POST", f"{HOOKS}/1/resume", {}).json()["state"] == "active"
    new_task(acme, actor=acme.bob)
    work()
    kinds = [got.message["type"] for got in receiver.taken]
    assert kinds == ["test", "webhook_changed", "webhook_paused", "webhook_resumed", "created"]
    renewed = send(alice, "POST", f"{HOOKS}/1/secret").json()
    assert (renewed["secret"] != body["secret"], len(renewed["webhook"]["public_keys"])) == (True, 2)
    assert len(send(alice, "DELETE", f"{HOOKS}/1/secret").json()["public_keys"]) == 1
    assert send(alice, "DELETE", f"{HOOKS}/1").status_code == 204
    is_problem(alice.get(f"/api/v1{HOOKS}/1"), 404, "not_found")
    again = send(alice, "POST", HOOKS, {"name": "Archive", "address": receiver.address}).json()
    assert again["webhook"]["id"] == 2  # a number is never given twice


def test_deliveries_come_in_pages_and_any_event_is_sent_again(acme, alice, receiver, hook):
    for _ in range(3):
        new_task(acme, actor=acme.alice)
    work()
    first = alice.get(f"/api/v1{HOOKS}/1/deliveries?limit=2").json()
    second = alice.get(first["next"]).json()
    assert [each["position"] for page in (first, second) for each in page["items"]] == [4, 3, 2]
    assert second["next"] is None
    newest = first["items"][0]
    assert (newest["state"], newest["status"], newest["tries"]) == ("delivered", 204, 1)
    replay = send(alice, "POST", f"{HOOKS}/1/deliveries/{newest['id']}/replay")
    assert (replay.status_code, replay.json()["state"]) == (202, "waiting")
    work()
    assert receiver.taken[-1].id == newest["message_id"]
    is_problem(send(alice, "POST", f"{HOOKS}/1/deliveries/999/replay"), 404, "not_found")
    is_problem(
        send(alice, "POST", f"{HOOKS}/1/deliveries/{replay.json()['id'] + 10}/replay"), 404, "not_found"
    )


def test_what_is_wrong_is_said_by_field(acme, alice, receiver):
    body = {
        "name": " ",
        "address": "https://user:pass@example.com/",
        "kinds": ["nonsense"],
        "format": "matrix",
    }
    refused = is_problem(send(alice, "POST", HOOKS, body), 422, "unprocessable")
    assert [each["at"] for each in refused["errors"]] == [
        "body.address",
        "body.name",
        "body.kinds",
        "body.token",
    ]
    is_problem(
        send(alice, "POST", HOOKS, {"name": "x", "address": "https://e.example/", "from": 1}),
        422,
        "unprocessable",
    )
    assert not Webhook.objects.exists()


def test_tests_that_wait_are_bounded_and_so_are_webhooks(acme, alice, receiver, hook):
    for _ in range(5):
        assert send(alice, "POST", f"{HOOKS}/1/test").status_code == 202
    is_problem(send(alice, "POST", f"{HOOKS}/1/test"), 429, "too_many")
    for _ in range(19):
        assert send(alice, "POST", HOOKS, {"name": "More", "address": receiver.address}).status_code == 201
    is_problem(send(alice, "POST", HOOKS, {"name": "More", "address": receiver.address}), 409, "conflict")


@pytest.mark.parametrize("path", ["", "/1", "/1/deliveries"])
def test_only_owners_and_admins_see_them(acme, globex, hook, path):
    is_problem(signed_in(acme.carol).get(f"/api/v1{HOOKS}{path}"), 403, "forbidden")
    is_problem(signed_in(globex.gina).get(f"/api/v1{HOOKS}{path}"), 404, "not_found")
    is_problem(signed_in(globex.gina).get(f"/api/v1/orgs/globex/webhooks{path or '/1'}"), 404, "not_found")
    assert signed_in(acme.bob).get(f"/api/v1{HOOKS}{path}").status_code == 200


def test_only_owners_and_admins_change_them(acme, receiver, hook):
    carol = signed_in(acme.carol)
    made = {"name": "x", "address": receiver.address}
    for method, path, body in (
        ("POST", "", made), ("PATCH", "/1", {"name": "x"}), ("DELETE", "/1", None),
        ("POST", "/1/pause", None), ("POST", "/1/resume", {}), ("POST", "/1/test", None),
        ("POST", "/1/secret", None), ("DELETE", "/1/secret", None),
        ("POST", "/1/deliveries/1/replay", None),
    ):  # fmt: skip
        is_problem(send(carol, method, f"{HOOKS}{path}", body), 403, "forbidden")
