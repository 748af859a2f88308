"""Preferences for programs."""

import pytest
from django.test import Client

from inbox.services import mute, watch
from preferences.chosen import hours_of, switches_of
from preferences.kinds import Channel, Kind
from tests.api.answers import is_problem, send
from tests.tasks.acme import new_task, signed_in
from tests.tokens.making import by, new_token

pytestmark = [pytest.mark.django_db, pytest.mark.first]

HERE = "/preferences"


def patched(client, **body):
    answer = send(client, "PATCH", HERE, body)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def chosen(user):
    return {(each.organization_id, each.channel, each.kind, each.value) for each in switches_of(user.pk)}


def test_are_those_of_the_page(acme, bob):
    patched(
        bob, everywhere={"mail": {"mine": "off"}}, organizations={"acme": {"inbox": {"everything": "off"}}}
    )
    task, quiet = new_task(acme, actor=acme.alice), new_task(acme, actor=acme.alice)
    watch(acme.bob.pk, acme.pk, task.pk, watching=True)
    mute(acme.bob.pk, acme.pk, quiet.pk, muted=True)
    answer = bob.get("/api/v1/preferences").json()
    for address, said in (("", answer["everywhere"]), ("?org=acme", answer["organizations"][0]["switches"])):
        table = bob.get(f"/preferences/{address}").context["table"]
        assert {f"{channel}-{kind}": value for channel in said for kind, value in said[channel].items()} == {
            cell.name: cell.value for line in table.lines for cell in line.cells
        }
    (place,) = answer["organizations"]
    assert (place["level"], place["own"]) == ("participating", {"inbox": ["everything"]})
    assert [item["key"] for item in answer["watched"]["items"]] == [task.key]
    assert [item["key"] for item in answer["muted"]["items"]] == [quiet.key]
    assert answer["choices"]["inbox"]["mentions"] == ["on"]
    assert answer["hours"]["zone"] == "UTC"


def test_a_change_twice_is_one_and_an_organization_goes_back_to_everywheres(acme, bob):
    change = {"organizations": {"acme": {"inbox": {"everything": "off", "mentions": "on"}}}}
    assert patched(bob, **change) == patched(bob, **change)
    assert chosen(acme.bob) == {(acme.pk, "inbox", "everything", "off")}
    assert patched(bob, organizations={"acme": None})["organizations"][0]["level"] == "all"
    assert chosen(acme.bob) == set()


def test_of_hours_what_is_left_out_stays(acme, bob):
    patched(bob, hours={"zone": "Asia/Kolkata", "days": [6, 0], "begins": "08:30"})
    hours = patched(bob, hours={"quiet": True})["hours"]
    assert hours.pop("sentence")
    assert hours == {
        "zone": "Asia/Kolkata",
        "begins": "08:30",
        "ends": "18:00",
        "days": [0, 6],
        "digest_at": "09:00",
        "quiet": True,
    }


def test_what_cannot_stand_so_is_named_and_nothing_is_changed(acme, globex, bob):
    fine = {"everywhere": {"mail": {"mine": "off"}}}
    for body, at in (
        ({"everywhere": {"inbox": {"mentions": "off"}}}, "body.everywhere.inbox.mentions"),
        ({"everywhere": {"mail": {"mine": "on"}}}, "body.everywhere.mail.mine"),
        ({"everywhere": {"toast": {"mine": "digest"}}}, "body.everywhere.toast.mine"),
        ({**fine, "organizations": {"globex": {"mail": {"mine": "off"}}}}, "body.organizations.globex"),
        ({**fine, "organizations": {"": None}}, "body.organizations."),
        ({**fine, "hours": {"zone": "Mars/Olympus"}}, "body.hours"),
        ({**fine, "hours": {"zone": "../../etc/passwd"}}, "body.hours"),
        ({**fine, "hours": {"begins": "9"}}, "body.hours.begins"),
        ({**fine, "hours": {"begins": "09:00\n"}}, "body.hours.begins"),
        ({**fine, "hours": {"days": []}}, "body.hours.days"),
        ({**fine, "hours": {"days": [7]}}, "body.hours.days[0]"),
        ({**fine, "level": "all"}, "body.level"),
    ):
        refused = is_problem(send(bob, "PATCH", HERE, body), 422, "unprocessable")
        assert refused["errors"][0]["at"] == at
    for body in ({"everywhere": {"pigeon": {"mine": "on"}}}, {"everywhere": {"mail": {"spam": "off"}}}, []):
        is_problem(send(bob, "PATCH", HERE, body), 422, "unprocessable")
    many = {"organizations": {f"org{number}": None for number in range(10_000)}}
    is_problem(send(bob, "PATCH", HERE, many), 422, "unprocessable")
    assert chosen(acme.bob) == set()
    assert hours_of([acme.bob.pk])[acme.bob.pk].zone == "UTC"


def test_a_token_of_one_organization_sees_and_changes_that_one_alone(acme, globex, bob):
    globex.join("bob")
    token = by(new_token(acme.bob, ["inbox"], globex.organization))["headers"]
    seen = send(Client(), "GET", HERE, **token).json()
    assert [place["slug"] for place in seen["organizations"]] == ["globex"]
    for body in ({"everywhere": {}}, {"hours": {"quiet": True}}):
        is_problem(send(Client(), "PATCH", HERE, body, **token), 403, "forbidden")
    beyond = send(Client(), "PATCH", HERE, {"organizations": {"acme": None}}, **token)
    is_problem(beyond, 422, "unprocessable")
    own = {"organizations": {"globex": {"toast": {"mine": "off"}}}}
    assert send(Client(), "PATCH", HERE, own, **token).status_code == 200
    assert chosen(acme.bob) == {(globex.pk, "toast", "mine", "off")}


def test_choices_are_all_there_are(bob):
    choices = bob.get("/api/v1/preferences").json()["choices"]
    assert {(channel, kind) for channel in choices for kind in choices[channel]} == {
        (channel, kind) for channel in Channel for kind in Kind
    }


def test_the_signed_out_and_other_scopes_get_nothing(acme):
    is_problem(signed_out := Client().get("/api/v1/preferences"), 401, "signed_out")
    assert signed_out["WWW-Authenticate"]
    token = by(new_token(acme.bob, ["read", "write", "audit", "admin"]))["headers"]
    assert send(Client(), "PATCH", HERE, {}, **token).status_code == 403
    assert signed_in(acme.bob).get("/api/v1/preferences").status_code == 200
