"""A request with an Idempotency-Key is carried out once."""

import datetime as dt
from contextlib import nullcontext
from functools import partial

import pytest
from django.utils import timezone

from api import once
from api.invitations import Invitations
from api.models import KeptAnswer
from base.transactions import write_transaction
from events.models import TaskEvent
from membership.models import Invitation
from tasks.models import Task
from tests.api.answers import is_problem, send
from tests.tasks.acme import signed_in
from tests.tasks.threads import at_once
from tests.tokens.making import by, new_token

pytestmark = pytest.mark.django_db

WHERE = "/orgs/acme/invitations"


@pytest.fixture
def alice(acme):
    return signed_in(acme.alice)


def invite(client, key, to="x@example.com", **headers):
    return send(client, "POST", WHERE, {"to": to}, Idempotency_Key=key, **headers)


def test_the_same_again_gets_the_same_answer(acme, alice):
    first, again = invite(alice, "one"), invite(alice, "one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, first["Location"]) == (again.content, again["Location"])
    assert again["Content-Type"] == "application/json"
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert Invitation.objects.count() == 1


def test_an_empty_answer_too(acme, alice):
    made = invite(alice, "one")
    for _ in range(2):
        withdrawn = send(alice, "DELETE", made["Location"].removeprefix("/api/v1"), Idempotency_Key="two")
        assert (withdrawn.status_code, withdrawn.content) == (204, b"")


def test_another_request_with_the_key_is_refused(acme, alice):
    invite(alice, "one")
    is_problem(invite(alice, "one", to="y@example.com"), 422, "unprocessable")
    level = send(alice, "PUT", "/orgs/acme/level", {"level": "all"}, Idempotency_Key="one")
    is_problem(level, 422, "unprocessable")
    assert Invitation.objects.count() == 1


def test_a_secret_is_not_kept(acme, client):
    token = by(new_token(acme.alice))["headers"]
    made, again = (
        send(
            client,
            "POST",
            "/tokens",
            {"name": "a", "scopes": ["read"], "days": 1},
            Idempotency_Key="one",
            **token,
        )
        for _ in range(2)
    )
    assert made.status_code == 201
    is_problem(again, 409, "shown_once")
    assert again["Location"] == made["Location"]
    kept = once.msgspec.msgpack.decode(
        once.zlib.decompress(once._seal("one").decrypt(bytes(KeptAnswer.objects.get().answer))),
        type=once.Kept,
    )
    assert (kept.headers, kept.body) == ({"Location": made["Location"]}, b"")


def test_keys_of_others_and_of_other_tokens_are_their_own(acme, alice, client):
    invite(alice, "one")
    assert invite(signed_in(acme.bob), "one", to="y@example.com").status_code == 201
    token = by(new_token(acme.alice))["headers"]
    assert invite(client, "one", to="z@example.com", **token).status_code == 201
    assert Invitation.objects.count() == 3


def test_a_refusal_is_not_kept(acme, alice):
    invite(alice, "one")
    is_problem(invite(alice, "two"), 409, "conflict")
    Invitation.objects.all().delete()
    assert invite(alice, "two").status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "ü", "x" * 256])
def test_a_key_that_is_none(acme, alice, key):
    assert is_problem(invite(alice, key), 400, "invalid")["errors"][0]["at"] == "header.Idempotency-Key"


def test_what_asks_another_server_takes_no_key(acme, alice, monkeypatch):
    monkeypatch.setattr(Invitations, "takes_key", False)
    is_problem(invite(alice, "one"), 400, "invalid")


def test_while_the_first_is_under_way_the_second_waits(acme, alice, monkeypatch):
    invite_once = once._keep

    def meanwhile(*args):
        is_problem(invite(signed_in(acme.alice), "one"), 409, "under_way")
        invite_once(*args)

    monkeypatch.setattr(once, "_keep", meanwhile)
    assert invite(alice, "one").status_code == 201


def test_a_crash_before_the_commit_leaves_neither(acme, alice, monkeypatch):
    alice.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(once, "_keep", lambda *_: 1 / 0)
        is_problem(invite(alice, "one"), 500, "failed")
    assert not Invitation.objects.exists()
    assert invite(alice, "one").status_code == 201


def test_answers_are_sealed_bounded_and_kept_for_a_day(acme, alice, monkeypatch):
    invite(alice, "one")
    kept = KeptAnswer.objects.get()
    assert b"example.com" not in bytes(kept.answer)
    assert "one" not in (kept.key, kept.request)
    monkeypatch.setattr(once, "MOST", 1)
    is_problem(invite(alice, "two", to="y@example.com"), 429, "too_many")
    once.clear_kept(timezone.now())
    assert KeptAnswer.objects.exists()
    once.clear_kept(timezone.now() + dt.timedelta(hours=25))
    assert not KeptAnswer.objects.exists()


@pytest.mark.second
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("processes", ["one", "several"])
def test_of_many_at_once_one_is_carried_out(acme, monkeypatch, processes):
    if processes == "several":  # no guard and no turn of a process is between them
        monkeypatch.setattr(once, "_alone", lambda _: nullcontext())
        monkeypatch.setattr(once, "write_transaction", lambda _: write_transaction())
    clients = [signed_in(acme.alice) for _ in range(6)]
    for number in range(5):
        works = [partial(new, client, f"key-{number}") for client in clients]
        answers = at_once(works)
        carried_out = [
            each for each in answers if each.status_code == 201 and not each.get("Idempotent-Replayed")
        ]
        assert len(carried_out) == 1
        for each in answers:
            if each.status_code == 201:
                assert each.content == carried_out[0].content
            else:
                is_problem(each, 409, "under_way")
        assert Task.objects.count() == TaskEvent.objects.filter(action="created").count() == number + 1


def new(client, key):
    return send(client, "POST", "/orgs/acme/tasks", {"title": "Paint it"}, Idempotency_Key=key)
