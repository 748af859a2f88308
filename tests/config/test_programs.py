"""Under `/api/` a program is told what happened, whatever answered it; and pages of trusted origins may ask."""

import pytest
from django.conf import settings as configured
from django.test import Client

from config import addresses
from tests.api.answers import is_problem
from tests.tasks.acme import signed_in

pytestmark = pytest.mark.django_db

TWIN = "/api/users/me/notifications/"
ORIGIN = "https://board.example.com"


@pytest.fixture
def carol(acme):
    client = signed_in(acme.carol, enforce_csrf_checks=True)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    "address", ["/api", "/api/", "/api/nowhere/", "/api/v1/nowhere", "/api/v1/me/", "/api/v1/orgs/%FF%00"]
)
def test_an_unknown_address(carol, address):
    for client in (carol, Client()):
        is_problem(client.get(address, headers={"Accept": "text/html"}), 404, "not_found")


@pytest.mark.parametrize("address", [TWIN, "/api/v1/me", "/api/v1/openapi.json"])
def test_head_options_and_another_method(carol, address):
    assert carol.head(address).status_code == 200
    told = Client().options(address)
    assert (told.status_code, told["Allow"]) == (204, "GET, HEAD, OPTIONS")
    carol.handler.enforce_csrf_checks = False
    refused = carol.delete(address)
    is_problem(refused, 405, "wrong_method")
    assert refused["Allow"] == "GET, HEAD, OPTIONS"


def test_a_foreign_form(carol):
    is_problem(carol.post("/api/v1/me"), 403, "untrusted")
    assert is_problem(carol.post(TWIN), 403, "untrusted")["error"]["code"] == "untrusted"


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=" + "x" * 300,
        "application/x-www-form-urlencoded; charset=none-such",
    ],
)
def test_a_body_that_cannot_be_read_fills_no_log(carol, caplog, kind):
    answer = carol.generic("POST", TWIN, b"--x\r\nnonsense", content_type=kind)
    assert answer.status_code in (400, 403)
    is_problem(answer, answer.status_code, answer.json()["code"])
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_another_host_and_plain_http(carol, settings):
    is_problem(Client(headers={"Host": "evil.example"}).get("/api/v1/me"), 400, "invalid")
    settings.SECURE_SSL_REDIRECT = True
    is_problem(Client().get("/api/v1/me"), 403, "https_only")


def test_a_thousand_parameters(carol):
    query = "&".join(f"a{number}=1" for number in range(1200))
    is_problem(carol.get(f"/api/v1/me?{query}"), 400, "invalid")


class TestOtherOrigins:
    @pytest.fixture(autouse=True)
    def trusted(self, settings):
        settings.CSRF_TRUSTED_ORIGINS = [ORIGIN, "https://*.example.org"]
        settings.CORS_ALLOWED_ORIGIN_REGEXES = [
            addresses.origins_of(each) for each in settings.CSRF_TRUSTED_ORIGINS
        ]

    @pytest.mark.parametrize(
        ("origin", "may"),
        [
            (ORIGIN, True),
            ("https://a.b.example.org", True),
            ("https://example.org", True),
            ("http://a.example.org", False),
            ("https://a.example.org.evil.test", False),
            ("https://evil.test/.example.org", False),
            ("https://evilexample.org", False),
            ("https://board.example.com:8443", False),
            ("null", False),
        ],
    )
    def test_those_that_are_trusted_may_ask(self, carol, origin, may):
        for address in (TWIN, "/api/v1/me", "/api/v1/nowhere"):
            answer = carol.get(address, headers={"Origin": origin})
            assert answer.get("Access-Control-Allow-Origin") == (origin if may else None)
        assert not may or "X-Request-ID" in answer["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Origin" not in carol.get("/inbox/", headers={"Origin": origin})

    @pytest.mark.django_db(databases=[])
    def test_a_preflight_asks_no_database(self, client, settings):
        asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "PATCH"}
        answer = client.options("/api/v1/orgs/acme", headers=asked)
        assert "PATCH" in answer["Access-Control-Allow-Methods"]
        assert "idempotency-key" in answer["Access-Control-Allow-Headers"]


def test_the_settings_trust_whom_forms_trust():
    assert len(configured.CORS_ALLOWED_ORIGIN_REGEXES) == len(configured.CSRF_TRUSTED_ORIGINS)
