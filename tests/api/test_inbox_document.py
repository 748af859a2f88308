"""What programs are answered of the inbox is what the document says."""

import jsonschema
import pytest
from django.utils import timezone

from tests.api.answers import send
from tests.tasks.acme import comment, new_task

pytestmark = [pytest.mark.django_db, pytest.mark.first]


def test_answers_are_as_they_are_described(acme, bob):
    event = comment(new_task(acme, actor=acme.alice), "@bob", actor=acme.alice)
    marking = {"act": "done", "event_ids": [event.pk]}
    document = bob.get("/api/v1/openapi.json").json()
    for method, address, body in (
        ("get", "/notifications", None),
        ("get", f"/notifications?state=all&at={timezone.now():%Y-%m-%dT%H:%M:%SZ}", None),
        ("get", "/notifications/counts", None),
        ("get", f"/notifications/{event.pk}", None),
        ("post", "/notifications/marks", marking),
        ("post", "/notifications/undo", {"mark": 1}),
        ("get", "/preferences", None),
        ("patch", "/preferences", {"everywhere": {"mail": {"mine": "off"}}}),
    ):
        answer = send(bob, method.upper(), address, body)
        path = f"/api/v1{address.partition('?')[0].replace(str(event.pk), '{event_id}')}"
        said = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), said | {"components": document["components"]})
