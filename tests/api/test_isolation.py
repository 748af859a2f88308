"""What is of one organization answers alike to strangers whether it is there or not, and no token sees beyond its
reach."""

import pytest

from api.urls import RESOURCES
from tests.api.answers import is_problem
from tests.api.calling import called
from tests.tasks.acme import comment, new_task

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
