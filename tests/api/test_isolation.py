"""No token sees beyond its reach, nor does what its scopes do not name."""

import pytest
from django.test import Client

from tests.api.answers import is_problem
from tests.api.calling import Program, called
from tests.tasks.acme import comment, new_task
from tokens.services import Wish, make

pytestmark = pytest.mark.django_db


def with_token(user, *scopes, team=None):
    made = make(user, Wish("a bot", scopes, 1, team and team.pk))
    return Program(Client(headers={"Authorization": f"Bearer {made.text}"}))


def test_a_token_of_one_organization_sees_that_one_alone(acme, globex):
    globex.join("bob")
    for team, actor in ((acme, acme.alice), (globex, globex.gina)):
        new_task(team, actor=actor, title="Paint the door")
    everywhere, here = with_token(acme.bob, "read"), with_token(acme.bob, "read", team=acme)
    slugs = [
        [match["organization"]["slug"] for match in each.get("/api/v1/search?q=paint").json()["items"]]
        for each in (everywhere, here)
    ]
    assert slugs == [["globex", "acme"], ["acme"]]
    for address in ("tasks", "tasks/1", "tasks/1/events", "tasks/1/comments", "tasks/1/watch", "events"):
        assert everywhere.get(f"/api/v1/orgs/globex/{address}").status_code == 200
        assert here.get(f"/api/v1/orgs/acme/{address}").status_code == 200
        is_problem(here.get(f"/api/v1/orgs/globex/{address}"), 404, "not_found")
    is_problem(here.get("/api/v1/search?q=paint&org=globex"), 404, "not_found")


def test_each_scope_opens_its_own(acme):
    task = new_task(acme, actor=acme.alice)
    event = comment(task, actor=acme.bob)
    reads, writes, audits = (with_token(acme.bob, scope) for scope in ("read", "write", "audit"))
    assert writes.patch("/api/v1/orgs/acme/tasks/1", {"title": "Mend it"}).status_code == 200
    assert audits.get(f"/api/v1/orgs/acme/events/{event.pk}").status_code == 200
    for refused in (
        reads.patch("/api/v1/orgs/acme/tasks/1", {"title": "a"}),
        reads.get(f"/api/v1/orgs/acme/events/{event.pk}"),
        reads.get("/api/v1/orgs/acme/head"),
        audits.get("/api/v1/orgs/acme/tasks"),
        writes.get("/api/v1/orgs/acme/events"),
    ):
        is_problem(refused, 403, "insufficient_scope")


def test_the_audit_names_the_token(acme):
    boss = acme.bob
    boss.is_staff = boss.is_superuser = True
    boss.save()
    made = with_token(boss, "write").post("/api/v1/orgs/acme/tasks", {"title": "a"}).json()
    record = called(boss).get(f"/api/v1/orgs/acme/events/{made['events'][0]['event_id']}").json()["record"]
    assert record["via"].startswith("a bot (")


def test_a_search_is_refused_in_a_sentence(acme):
    bob = called(acme.bob)
    for query in (
        "",
        "q=",
        "q=+",
        "q=" + "+".join(["door"] * 100),
        "q=a&before=0",
        "q=a&limit=0",
        f"q=a&before={10**30}",
    ):
        is_problem(bob.get(f"/api/v1/search?{query}"), 400, "invalid")
    is_problem(bob.get("/api/v1/search?q=a&org=nowhere"), 404, "not_found")


def test_a_search_goes_on_where_it_ended(acme, django_assert_max_num_queries):
    for number in range(5):
        comment(new_task(acme, actor=acme.alice, title=str(number)), "The same words", actor=acme.bob)
    bob = called(acme.bob)
    first = bob.get("/api/v1/search?q=same+words&limit=3").json()
    rest = bob.get(first["next"]).json()
    assert [match["number"] for match in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    assert (rest["next"], rest["items"][0]["excerpt"]) == (None, "The same words")
    with django_assert_max_num_queries(9):
        bob.get("/api/v1/search?q=same+words")
