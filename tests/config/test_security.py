"""Headers of every page, and what a page may contain so that they can be strict."""

import re

import pytest

from tests.factories import PASSWORD
from tests.tasks.acme import comment, new_task, signed_in

pytestmark = pytest.mark.django_db

SIGNED_OUT = ["/accounts/login/", "/nowhere/"]
SIGNED_IN = [
    "/orgs/",
    "/orgs/new/",
    "/orgs/acme/members/",
    "/orgs/acme/tasks/",
    "/orgs/acme/tasks/new/",
    "/orgs/acme/tasks/1/",
    "/orgs/acme/tasks/1/edit/",
    "/inbox/",
    "/accounts/password_change/",
    "/orgs/nowhere/tasks/",
]


@pytest.fixture
def page(acme, client):
    comment(new_task(acme, actor=acme.alice, description="x"), "@bob", actor=acme.alice)
    bob = signed_in(acme.bob)
    return lambda url: (client if url in SIGNED_OUT else bob).get(url)


@pytest.mark.parametrize("url", [*SIGNED_OUT, *SIGNED_IN])
def test_headers_of_every_page(page, url):
    headers = page(url).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]


EVERYWHERE = [
    *SIGNED_OUT,
    *SIGNED_IN,
    "/healthz",
    "/admin/",
    "/orgs/acme/history/",
    "/orgs/acme/tasks/1/past/",
]
TWINS = ["/api/users/me/notifications/", "/api/orgs/acme/notifications/"]


@pytest.mark.parametrize("url", [*EVERYWHERE, *TWINS])
def test_head_is_get_without_its_body(acme, url):
    new_task(acme, actor=acme.alice)
    client = signed_in(acme.bob)
    whole, head = client.get(url), client.head(url)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head["Content-Type"] == whole["Content-Type"]


@pytest.mark.parametrize("url", [*SIGNED_OUT, *SIGNED_IN])
def test_no_page_needs_what_the_policy_forbids(page, url):
    text = page(url).content.decode()
    for script in re.findall(r"<script[^>]*>", text):
        assert " src=" in script or 'type="application/json"' in script, script
    assert "<style" not in text
    tags = re.findall(r"<\w[^>]*>", text)
    assert not [tag for tag in tags if re.search(r"""\s(style|on\w+)\s*=|javascript:""", tag)]
    assert not re.search(r"""(src|href)=["'](https?:)?//""", text)


@pytest.mark.parametrize("url", [*SIGNED_OUT, *SIGNED_IN, "/api/users/me/notifications/", "/admin/"])
def test_nobody_keeps_what_is_shown(page, url):
    """Neither somebody on the way nor the browser, which shows what it kept to whoever comes next."""
    headers = page(url).headers
    assert {"no-store", "private"} <= set(headers["Cache-Control"].split(", "))
    assert "Cookie" in headers.get("Vary", "") or url in SIGNED_OUT


class TestSigningIn:
    def post(self, client, **fields):
        return client.post("/accounts/login/", {"username": "bob", "password": PASSWORD} | fields)

    def test_leads_to_the_organizations(self, acme, client):
        response = self.post(client)
        assert response["Location"] == "/"
        cookie = response.cookies["sessionid"]
        assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Lax")
        assert client.get("/orgs/").status_code == 200

    def test_leads_back_to_the_page_that_was_asked_for(self, acme, client):
        asked = client.get("/orgs/acme/tasks/?q=x")["Location"]
        assert asked == "/accounts/login/?next=/orgs/acme/tasks/%3Fq%3Dx"
        assert 'value="/orgs/acme/tasks/?q=x"' in client.get(asked).content.decode()
        assert self.post(client, next="/orgs/acme/tasks/?q=x")["Location"] == "/orgs/acme/tasks/?q=x"

    @pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_never_leads_to_another_site(self, acme, client, url):
        assert self.post(client, next=url)["Location"] == "/"

    @pytest.mark.parametrize(
        "fields", [{"password": "wrong"}, {"username": "nobody"}, {"username": "\x00"}, {"password": ""}]
    )
    def test_is_refused_in_the_same_words(self, acme, client, fields):
        response = self.post(client, **fields)
        assert response.status_code == 200
        assert "sessionid" not in response.cookies

    def test_a_closed_account_cannot(self, acme, client):
        bob = acme.bob
        bob.is_active = False
        bob.save()
        response = self.post(client)
        assert response.status_code == 200
        assert "sessionid" not in response.cookies

    def test_and_out_again(self, acme):
        client = signed_in(acme.bob)
        assert client.get("/accounts/logout/")["Location"] == "/"
        assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
        assert client.get("/orgs/").status_code == 302


class TestPasswords:
    def test_are_changed_by_their_owner(self, acme):
        client = signed_in(acme.bob)
        new = {"new_password1": "a long new one", "new_password2": "a long new one"}
        assert client.post("/accounts/password_change/", {"old_password": "wrong"} | new).status_code == 200
        response = client.post("/accounts/password_change/", {"old_password": PASSWORD} | new, follow=True)
        assert "Your password is changed" in response.text
        assert client.login(username="bob", password="a long new one")
