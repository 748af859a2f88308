"""A form that a program sends is answered as JSON, whatever becomes of it, and leaves no message for a next page."""

import re
import uuid

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import get_resolver

from tasks.models import Task
from tests.factories import PASSWORD
from tests.tasks.acme import comment, new_task, rename, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]

JSON = {"Accept": "application/json, text/plain, */*"}
LIST = "/orgs/acme/tasks/"
PLACES = {"slug": "acme", "provider_id": "nobody", "digest": "0" * 64, "token": "no-token", "name": "nothing"}


def addresses(patterns, before=""):
    """Every address of the product that takes forms, filled in. The administration is another house."""
    for each in patterns:
        route = before + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from addresses(each.url_patterns, route)
        elif not route.startswith(("admin/", "api/", "orgs/<slug:slug>/notifications")):
            yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda place: PLACES.get(place[1], "1"), route)


ADDRESSES = sorted(
    {address for address in addresses(get_resolver().url_patterns) if "(?P" not in address},
    key=lambda address: (
        "leave" in address or "close" in address,
        address,
    ),  # who has left gets 404 everywhere
)


def sent(client, address, body=None):
    answer = client.post(address, body or {}, headers=JSON)
    kept = get_messages(answer.wsgi_request) if hasattr(answer.wsgi_request, "_messages") else []
    assert not getattr(kept, "_queued_messages", []), address
    assert "messages" not in client.cookies or not client.cookies["messages"].value, address
    return answer


def test_every_address_answers_a_program_as_json(acme):
    task = new_task(acme, actor=acme.bob)
    comment(task, actor=acme.bob)
    assert len(ADDRESSES) > 80
    wrong = {}
    for address in ADDRESSES:
        answer = sent(signed_in(acme.bob), address)
        kind = answer.get("Content-Type", "")
        if answer.status_code != 204 and not kind.startswith("application/json"):
            wrong[address] = answer.status_code, kind
    assert not wrong, list(wrong.items())


def test_json_in_the_place_of_a_form_is_no_success(acme, bob):
    answer = bob.post(f"{LIST}new/", {"title": "a"}, content_type="application/json", headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")


def test_the_signed_out_are_told_so(acme):
    answer = sent(Client(), f"{LIST}new/", {"title": "a"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "signed_out")


class TestTasks:
    def form(self, **fields):
        return {
            "title": "Mend it",
            "description": "",
            "assignee": "",
            "due_date": "",
            "task_id": str(uuid.uuid4()),
        } | fields

    def test_a_new_one_is_201_and_the_same_form_again_nothing_new(self, acme, bob):
        body = self.form()
        made, again = (sent(bob, f"{LIST}new/", body) for _ in range(2))
        assert (made.status_code, made["Location"], made.json()["key"]) == (201, f"{LIST}1/", "ACME-1")
        assert len(made.json()["events"]) == 1
        assert (again.status_code, again.json()["events"]) == (200, [])

    @pytest.mark.parametrize(
        ("fields", "at"),
        [({"title": ""}, "body.title"), ({"assignee": "999"}, "body.assignee"), ({"labels": "x" * 31}, "body.labels"),
         ({"due_date": "soon"}, "body.due_date"), ({"description": "x" * 20_001}, "body.description")],
    )  # fmt: skip
    def test_a_refused_one_names_its_field(self, bob, fields, at):
        answer = sent(bob, f"{LIST}new/", self.form(**fields))
        assert (answer.status_code, answer.json()["error"]["errors"][0]["at"]) == (400, at)
        assert not Task.objects.exists()

    def test_an_edit_says_what_it_did(self, acme, bob):
        new_task(acme, actor=acme.bob)
        done = sent(bob, f"{LIST}1/edit/", self.form(expected_version=1))
        assert (done.json()["version"], len(done.json()["events"])) == (2, 1)
        assert "renamed ACME-1" in done.json()["said"]
        nothing = sent(bob, f"{LIST}1/edit/", self.form(expected_version=2)).json()
        assert (nothing["events"], nothing["said"]) == ([], "Nothing was changed: it is so already.")

    def test_a_stale_edit_is_409_with_both_sides(self, acme, bob):
        rename(new_task(acme, actor=acme.bob), "Theirs", actor=acme.carol)
        answer = sent(bob, f"{LIST}1/edit/", self.form(expected_version=1))
        assert (answer.status_code, answer.json()["both"][0]["theirs"]) == (409, "Theirs")
        assert "Carol renamed it" in answer.json()["error"]["message"]

    @pytest.mark.parametrize(
        ("act", "fields", "at"),
        [("status", {"status": "bogus"}, "body.status"), ("assign", {"assignee": "999999"}, "body.assignee"),
         ("assign", {"assignee": "x"}, "body.assignee"), ("due", {"due_date": "never"}, "body.due_date"),
         ("title", {"title": ""}, "body.title"), ("labels", {"labels": "x" * 40}, "body.labels"),
         ("comment", {"text": "x" * 20_001}, "body.text"), ("comment", {"text": ""}, "body.text")],
    )  # fmt: skip
    def test_a_refused_field_names_itself_in_few_words(self, acme, bob, act, fields, at):
        new_task(acme, actor=acme.bob)
        answer = sent(bob, f"{LIST}1/{act}/", fields)
        assert (answer.status_code, answer.json()["error"]["errors"][0]["at"]) == (400, at)
        assert len(answer.content) < 500

    def test_no_change_says_so(self, acme, bob):
        new_task(acme, actor=acme.bob)
        assert sent(bob, f"{LIST}1/status/", {"status": "open"}).json()["events"] == []
        assert sent(bob, f"{LIST}1/restore/").json()["events"] == []
        assert len(sent(bob, f"{LIST}1/status/", {"status": "done"}).json()["events"]) == 1
        assert sent(bob, f"{LIST}1/watch/", {"watching": "1"}).json() == {"watching": True}


class TestOthers:
    def test_what_was_said_is_in_the_answer(self, acme, bob):
        answer = sent(bob, f"/orgs/acme/members/{acme.carol.pk}/remove/")
        assert answer.json() == {"said": ["Carol is no longer a member."], "location": "/orgs/acme/members/"}

    def test_what_is_refused_is_no_success(self, acme, bob):
        assert sent(bob, "/orgs/acme/claim/").status_code == 409
        assert sent(signed_in(acme.alice), "/orgs/acme/leave/").status_code in (403, 409)
        assert sent(signed_in(acme.carol), f"/orgs/acme/members/{acme.bob.pk}/remove/").status_code == 403
        refused = sent(bob, "/orgs/new/", {"name": "", "slug": "no way"})
        assert refused.status_code == 400
        assert {fault["at"] for fault in refused.json()["error"]["errors"]} == {"body.name", "body.slug"}

    def test_who_has_to_prove_who_they_are_is_told_so_and_then_gets_the_token(self, acme, bob):
        body = {"name": "A bot", "scopes": ["read"], "organization": "all", "ends": "30"}
        refused = sent(bob, "/accounts/tokens/new/", body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "reauthentication_required")
        bob.post("/accounts/reauthenticate/", {"password": PASSWORD})
        made = sent(bob, "/accounts/tokens/new/", body)
        assert (made.status_code, made.json()["token"][:4]) == (201, "crl_")
        wrong = sent(bob, "/accounts/tokens/new/", body | {"ends": "1000"})
        assert wrong.json()["error"]["errors"][0]["at"] == "body.ends"
