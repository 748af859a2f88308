"""Every failure has a page with a sentence, and no page shows the inside of the program."""

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import AsyncClient, Client

from config import errors
from orgs.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany
from tasks import views
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

    monkeypatch.setattr(views, "task_page", fail)


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
        (TooMany("x"), 429, "too_many"),
    ],
)
def test_every_refusal_has_its_page_and_its_json(rf, acme, error, status, code):
    request = rf.get("/")
    request.user, request.session = acme.bob, {}
    assert shows(errors.domain_error(request, error), status, error.message)
    answer = errors.domain_error(rf.get("/api/x/"), error)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert code in answer.content.decode()
    assert answer.get("Retry-After") == ("1" if status == 429 else None)


def test_every_kind_of_refusal_is_tried_here():
    kinds = {kind for kind in DomainError.__subclasses__() if kind.__module__ == "orgs.errors"}
    assert kinds == {Invalid, Forbidden, NotFound, Conflict, TooMany}


def test_a_message_is_text_and_never_markup(rf, acme):
    request = rf.get("/")
    request.user, request.session = acme.bob, {}
    page = errors.domain_error(request, Invalid("<script>alert(1)</script>")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
