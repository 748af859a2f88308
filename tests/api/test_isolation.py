"""What is of one organization answers alike to strangers whether it is there or not, and no token sees beyond its
reach."""

import pytest
from django.test import Client

from api.urls import RESOURCES
from tests.api.answers import is_problem
from tests.api.calling import Program, called
from tests.tasks.acme import comment, new_task
from tokens.services import Wish, make

pytestmark = pytest.mark.django_db

OURS = ["tasks", "comments", "watching", "events"]
BODIES = {"POST": {"title": "a", "text": "a"}, "PATCH": {}}


def addresses():
    for module in RESOURCES:
        if module.__name__.removeprefix("api.") in OURS:
            for route in module.routes:
                view = route.callback.view_class
                for method in sorted(view.api_endpoints):
                    yield method, str(route.pattern)


def filled(pattern, slug, event_id):
    places = {
        "slug:slug": slug,
        "id:number": "1",
        "id:version": "2",
        "id:id": str(event_id),
        "slug:name": "heart",
    }
    for name, value in places.items():
        pattern = pattern.replace(f"<{name}>", value)
    return f"/api/v1/{pattern}"


def test_strangers_get_the_same_as_for_nothing(acme, globex, subtests):
    task = new_task(acme, actor=acme.alice)
    event = comment(task, actor=acme.alice)
    gina, found = called(globex.gina), list(addresses())
    assert len(found) > 15
    for method, pattern in found:
        with subtests.test(method=method, pattern=pattern):
            send = getattr(gina, method.lower())
            body = {"text": "a"} if "comments" in pattern else {"title": "a"}
            body = [] if method not in BODIES else [body]
            answers = [
                is_problem(send(filled(pattern, slug, event.pk), *body), 404, "not_found")
                for slug in ("acme", "nowhere")
            ]
            assert {answer["detail"] for answer in answers} == {answers[0]["detail"]}
    assert task.__class__.objects.get(pk=task.pk).version == 2


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
