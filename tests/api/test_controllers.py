"""What every address of the API does, whatever it is about."""

import pytest
from django.test import Client

from api.urls import RESOURCES
from tests.api.answers import is_problem
from tests.tasks.acme import signed_in

pytestmark = pytest.mark.django_db


def test_who_asks(acme):
    answer = signed_in(acme.bob).get("/api/v1/me").json()
    assert answer == {"id": acme.bob.pk, "username": "bob", "name": acme.bob.display_name, "token": None}


def test_nobody_is_asked_to_sign_in_by_a_problem_and_no_page(client):
    refused = client.get("/api/v1/me")
    is_problem(refused, 401, "signed_out")
    assert refused["WWW-Authenticate"].startswith("Bearer")


def test_unknown_parameters_are_named(acme):
    bob = signed_in(acme.bob)
    assert is_problem(bob.get("/api/v1/me?a=1&a=2"), 400, "invalid")["errors"][0]["at"] == "query.a"


def test_head_and_options(acme):
    bob = signed_in(acme.bob)
    assert bob.head("/api/v1/me").status_code == 200
    options = Client().options("/api/v1/me")
    assert (options.status_code, options["Allow"], options.content) == (204, "GET, HEAD, OPTIONS", b"")


def test_another_method_is_405_with_those_that_are_taken(acme):
    refused = signed_in(acme.bob).delete("/api/v1/me")
    is_problem(refused, 405, "wrong_method")
    assert refused["Allow"] == "GET, HEAD, OPTIONS"


def test_every_resource_names_its_scope():
    for resource in RESOURCES:
        for route in resource.routes:
            assert route.callback.view_class.scope, route
