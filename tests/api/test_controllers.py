"""What every address of the API does, whatever it is about."""

import pytest
from django.test import Client

from api.urls import RESOURCES
from tests.api.answers import is_problem, send
from tests.tasks.acme import new_task, signed_in
from tests.tokens.making import by, new_token

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


def test_what_is_taken_nowhere_is_refused_everywhere(acme):
    bob = signed_in(acme.bob)
    for address in ("/api/v1/me", "/api/v1/orgs/acme"):
        refused = is_problem(bob.get(f"{address}?limit=1"), 400, "invalid")
        assert refused["errors"] == [{"at": "query.limit", "detail": "There is no such field."}]
    new_task(acme, actor=acme.alice)
    watch = "/orgs/acme/tasks/1/watch"
    is_problem(send(bob, "DELETE", watch, {"for": "ever"}), 422, "unprocessable")
    assert send(bob, "DELETE", watch, {}).status_code == send(bob, "DELETE", watch).status_code == 200


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


def test_everybody_is_told_how_much_is_left(acme, settings):
    settings.READS_PER_MINUTE, settings.COMMANDS_PER_MINUTE = 2, 1
    bob = signed_in(acme.bob)
    first, second, third = (bob.get("/api/v1/me") for _ in range(3))
    assert first["RateLimit-Policy"] == '"reads";q=2;w=60'
    assert first["RateLimit"].startswith('"reads";r=1;t=')
    assert second["RateLimit"].startswith('"reads";r=0;t=')
    is_problem(third, 429, "too_many")
    assert 0 < int(third["Retry-After"]) <= 60
    level = send(bob, "PUT", "/orgs/acme/level", {"level": "all"})
    assert level["RateLimit"].startswith('"commands";r=0;t=')
    is_problem(send(bob, "PUT", "/orgs/acme/level", {"level": "all"}), 429, "too_many")
    assert "RateLimit" not in bob.get("/inbox/")


LEVEL = "/orgs/acme/level"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_type"),
        (b"level=all", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_type"),
        (b"{}", {"Content-Type": "application/json; charset=utf-16"}, 415, "unsupported_type"),
        (b"\x1f\x8b", {"Content-Encoding": "gzip"}, 415, "unsupported_type"),
        (b'{"level": ', {}, 400, "invalid"),
        (b"\xff\xfe", {}, 400, "invalid"),
        (b'{"level": "\xff"}', {}, 400, "invalid"),
        (b'{"level": "\\ud800"}', {}, 400, "invalid"),
        (b'{"level": "all\\u0000"}', {}, 400, "invalid"),
        (b"[" * 100_000, {}, 422, "unprocessable"),
        (b'{"level": ' + b"[" * 100_000, {}, 422, "unprocessable"),
        (b"", {}, 400, "invalid"),
        (b'{"level": "all", "level": "muted"}', {}, 400, "invalid"),
        (b"null", {}, 422, "unprocessable"),
        (b'{"level": 1}', {}, 422, "unprocessable"),
        (b"{" + b",".join(b'"k%d": 1' % number for number in range(10_000)) + b"}", {}, 422, "unprocessable"),
    ],
)
def test_what_cannot_be_read_is_said_where_it_stands(acme, body, headers, status, code):
    given = {"Content-Type": "application/json"} | headers
    bob = signed_in(acme.bob)
    sent = bob.generic("PUT", f"/api/v1{LEVEL}", body, content_type=given.pop("Content-Type"), headers=given)
    is_problem(sent, status, code)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "after=" + "9" * 30, "colour=red", "after=%00"]
)
def test_parameters_that_cannot_be_meant(acme, query):
    is_problem(signed_in(acme.bob).get(f"/api/v1/orgs?{query}"), 400, "invalid")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("text/html", 200),
        ("", 200),
        ("application/json, text/plain, */*", 200),
        ("application/json; charset=utf-8", 200),
        ("application/json;version=1;q=0.5", 200),
        ("*/*;q=0.1", 200),
        ("application/json;q=0", 406),
        ("garbage", 406),
        ("image/png", 406),
    ],
)
def test_programs_get_json_whatever_they_take(acme, accept, status):
    answer = signed_in(acme.bob).get("/api/v1/me", headers={"Accept": accept})
    assert (answer.status_code, answer["Content-Type"].endswith("json")) == (status, True)


def test_a_form_s_token_is_asked_of_sessions_alone(acme, client):
    bob = signed_in(acme.bob, enforce_csrf_checks=True)
    is_problem(send(bob, "PUT", LEVEL, {"level": "all"}), 403, "untrusted")
    token = by(new_token(acme.bob))["headers"]
    assert send(Client(enforce_csrf_checks=True), "PUT", LEVEL, {"level": "all"}, **token).status_code == 200


def test_the_reader_page_lists_every_operation(client):
    page = client.get("/api/v1/").content.decode()
    for each in ("listOrganizations", "changeRole", 'id="type-Problem"'):
        assert each in page
