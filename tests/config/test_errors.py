"""Every failure has a page with a sentence, and no page shows the inside of the program."""

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import AsyncClient, Client

from base.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Gone,
    Invalid,
    NotAcceptable,
    NotFound,
    SignedOut,
    Stale,
    TooMany,
    Unprocessable,
    UnsupportedType,
)
from config import errors
from config.logs import LONGEST, ClientFault
from tasks import list_views
from tests.conftest import TRACEBACK
from tests.tasks.acme import new_task, signed_in

pytestmark = pytest.mark.django_db

INSIDE = [
    TRACEBACK,
    str(settings.BASE_DIR),
    ".venv",
    "Exception",
    "config.settings",
    "DJANGO_SETTINGS_MODULE",
]


@pytest.fixture
def bob(acme):
    new_task(acme, actor=acme.alice)
    client = signed_in(acme.bob)
    client.raise_request_exception = False
    return client


def shows(response, status, words):
    assert response.status_code == status
    text = response.content.decode()
    assert words in text
    assert f'<p class="error-code">{status}</p>' in text
    assert not [inside for inside in INSIDE if inside in text]
    return True


def test_400_for_what_cannot_be_meant(bob):
    assert shows(bob.post("/inbox/mark/", {}), 400, "Say what to do")


def test_400_for_a_host_that_is_not_ours(acme):
    assert shows(Client(headers={"Host": "evil.example"}).get("/orgs/"), 400, "could not be understood")
    bob = signed_in(acme.bob)
    assert shows(bob.get("/orgs/", headers={"Host": "evil.example"}), 400, "could not be understood")


def test_403_for_what_the_role_does_not_allow(acme):
    page = signed_in(acme.vera).get("/orgs/acme/tasks/new/")
    assert shows(page, 403, "Viewers can read everything here")


def test_403_for_a_form_without_its_token(acme):
    client = signed_in(acme.bob, enforce_csrf_checks=True)
    page = client.post("/orgs/acme/level/", {"level": "muted"})
    assert shows(page, 403, "too old")


@pytest.mark.parametrize(
    "url", ["/orgs/nowhere/tasks/", "/orgs/acme/tasks/999/", "/inbox/999/", "/nowhere/", "/orgs"]
)
def test_404_for_what_is_not_there(bob, client, url):
    if url == "/orgs":
        assert bob.get(url)["Location"] == "/orgs/"
        return
    assert shows(bob.get(url), 404, "")
    if url == "/nowhere/":
        assert shows(client.get(url), 404, "")


def test_405_says_which_methods_are_taken(bob):
    page = bob.post("/inbox/bell/")
    assert shows(page, 405, "takes")
    assert page["Allow"] == "GET, HEAD"
    answer = bob.post("/api/users/me/notifications/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "wrong_method")
    assert answer["Allow"] == "GET, HEAD"


FORMS = [
    ("/inbox/mark/", "/inbox/"),
    ("/inbox/mute/", "/inbox/"),
    ("/orgs/acme/tasks/1/comment/", "/orgs/acme/tasks/1/"),
    ("/orgs/acme/members/1/role/", "/orgs/acme/members/"),
    ("/orgs/acme/leave/", "/orgs/acme/"),
    ("/accounts/logout/", "/"),
]


@pytest.mark.parametrize(("address", "page"), FORMS)
def test_the_address_of_a_form_leads_to_the_page_above_it(bob, address, page):
    """What a form answers at its own address can be loaded again."""
    assert bob.get(address)["Location"] == page
    assert bob.get("/inbox/").status_code == 200


HTML, JSON = "text/html; charset=utf-8", "application/json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
PREFERENCES = [
    (None, HTML),
    ("", HTML),
    ("*/*", HTML),
    (BROWSER, HTML),
    ("text/html", HTML),
    ("text/plain", HTML),
    ("application/json;q=0.5, text/html", HTML),
    ("application/json;q=0, */*", HTML),
    (";;;,/,*/,text/html;q=nan,\xff", HTML),
    ("application/json", JSON),
    ("APPLICATION/JSON", JSON),
    ("application/json; charset=utf-8", JSON),
    ("application/json, text/plain, */*", JSON),  # axios
    ("application/json, text/javascript, */*; q=0.01", JSON),  # jQuery
    ("text/html;q=0.9, application/json", JSON),
    ("text/html; charset=utf-8, application/json;q=0.9", HTML),
    ("text/html;q=0.1, application/json;q=0.5, */*;q=0.9", JSON),
    ("application/*", JSON),
]


@pytest.mark.parametrize(("accept", "kind"), PREFERENCES)
def test_the_client_s_own_list_decides_what_it_gets(client, accept, kind):
    answer = client.get("/nowhere/", headers={} if accept is None else {"Accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (404, kind)


@pytest.mark.parametrize(
    ("method", "path", "headers", "code"),
    [
        ("GET", "/nowhere/", {"Accept": JSON}, (404, "not_found")),
        ("GET", "/api/nowhere/", {"Accept": BROWSER}, (404, "not_found")),
        ("GET", "/orgs/", {"Accept": JSON, "Host": "evil.example"}, (400, "invalid")),
        ("GET", "/inbox/mark/", {"Accept": JSON}, (405, "wrong_method")),
        ("POST", "/inbox/mark/", {"Accept": JSON}, (403, "untrusted")),
        ("POST", "/api/nowhere/", {}, (404, "not_found")),
    ],
)
def test_a_program_is_refused_in_its_own_language(acme, method, path, headers, code):
    answer = signed_in(acme.bob, enforce_csrf_checks=True).generic(method, path, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == code


def test_django_s_own_refusal_has_its_page_too(rf, acme):
    request = rf.get("/")
    request.user, request.session = acme.bob, {}
    assert shows(errors.not_allowed(request, PermissionDenied()), 403, "Your role here does not allow it")


@pytest.mark.parametrize("accept", ["application/json", "application/json, text/plain, */*"])
def test_a_mark_by_a_program_is_answered_without_a_page(bob, accept):
    body = {"act": "read", "event_ids": "1"}
    assert bob.post("/inbox/mark/", body, headers={"Accept": accept}).status_code == 204
    assert bob.post("/inbox/mark/", body, headers={"Accept": BROWSER}).status_code == 302


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (PARTS, b"x"),
        (f"{PARTS}; boundary={'a' * 500}", b"x"),
        (f"{PARTS}; boundary=\xff", b"x"),
        (f"{FORM}; charset=utf-16", b"a=b"),
        (FORM, b"&".join(b"a%d=1" % number for number in range(2000))),
        (FORM, b"a=" + b"x" * 2_700_000),
    ],
    ids=["no boundary", "long boundary", "odd boundary", "charset", "fields", "size"],
)
def test_a_form_that_cannot_be_read_is_one_line_in_the_log(client, caplog, kind, body):
    client.handler.enforce_csrf_checks = True
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    client.raise_request_exception = False
    assert shows(client.post("/accounts/login/", body, content_type=kind), 400, "could not be understood")
    (record,) = caplog.records
    ClientFault().filter(record)
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    line = record.getMessage()
    assert "\n" not in line
    assert len(line) <= LONGEST


def test_409_when_somebody_was_faster(rf, acme):
    request = rf.get("/")
    for user in (AnonymousUser(), acme.bob):
        request.user = user
        request.session = {}
        page = errors.domain_error(request, Conflict("Carol was faster."))
        assert shows(page, 409, "Carol was faster.")


@pytest.fixture
def broken(monkeypatch):
    """The task list fails with something that nobody expected."""

    def fail(*_):
        secret = "the secret in a local variable"  # noqa: F841
        raise RuntimeError("Exactly what went wrong, with secrets.")

    monkeypatch.setattr(list_views, "task_page", fail)


def test_500_says_nothing_of_the_inside(bob, broken):
    page = bob.get("/orgs/acme/tasks/")
    assert shows(page, 500, "Something failed on our side")
    assert "secret" not in page.content.decode()


def test_500_for_a_program_is_json(bob, broken):
    answer = bob.get("/orgs/acme/tasks/", headers={"Accept": "application/json"})
    assert answer.status_code == 500
    assert answer.json() == {
        "error": {"code": "failed", "message": "Something failed on our side. Nothing is lost."}
    }


def test_500_under_asgi_is_the_same(acme, broken):
    """The handler looks at the exception that is being handled: there it was raised in another thread."""
    client = AsyncClient(raise_request_exception=False)
    client.cookies = signed_in(acme.bob).cookies
    page = async_to_sync(client.get)("/orgs/acme/tasks/")
    assert shows(page, 500, "Something failed on our side")


def test_our_own_mistakes_are_logged_whole(bob, broken, caplog):
    bob.get("/orgs/acme/tasks/")
    assert "Exactly what went wrong" in caplog.text


def test_what_a_person_did_is_no_error_in_the_log(bob, caplog):
    bob.post("/inbox/mark/", {})
    bob.get("/orgs/nowhere/tasks/")
    assert [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Invalid("x"), 400, "invalid"),
        (Forbidden("x"), 403, "forbidden"),
        (NotFound(), 404, "not_found"),
        (Conflict("x"), 409, "conflict"),
        (SignedOut(), 401, "signed_out"),
        (NotAcceptable("x"), 406, "not_acceptable"),
        (Gone("x"), 410, "gone"),
        (Stale("x"), 412, "stale"),
        (UnsupportedType("x"), 415, "unsupported_type"),
        (Unprocessable("x"), 422, "unprocessable"),
        (TooMany("x"), 429, "too_many"),
    ],
)
def test_every_refusal_has_its_page_and_its_json(rf, acme, error, status, code):
    request = rf.get("/")
    request.user, request.session = acme.bob, {}
    assert shows(errors.domain_error(request, error), status, error.message)
    answer = errors.domain_error(rf.get("/api/x/"), error)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert code in answer.content.decode()
    assert answer.get("Retry-After") == ("1" if status == 429 else None)


def test_every_kind_of_refusal_is_tried_here():
    kinds = {kind for kind in DomainError.__subclasses__() if kind.__module__ == "base.errors"}
    tried = {Invalid, Forbidden, NotFound, Conflict, TooMany, SignedOut, NotAcceptable, Gone, UnsupportedType}
    assert kinds == tried | {Unprocessable}


def test_a_message_is_text_and_never_markup(rf, acme):
    request = rf.get("/")
    request.user, request.session = acme.bob, {}
    page = errors.domain_error(request, Invalid("<script>alert(1)</script>")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
