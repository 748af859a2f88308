"""Whoever may not connect is refused before anything is looked up."""

import pytest
from asgiref.sync import sync_to_async
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from realtime import connecting
from realtime.origin import OriginValidator, is_allowed
from tests.realtime.sockets import Socket, org_path, session_cookie


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["tasks.example.com", ".example.org", "localhost", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = [
        "https://other.example.net",
        "https://*.wild.example",
        "http://*.ports.example:8080",
        "http://plain.example",
    ]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://tasks.example.com", "tasks.example.com"),
        ("https://tasks.example.com", "tasks.example.com:443"),
        ("http://tasks.example.com", "tasks.example.com:80"),
        ("http://localhost:8000", "localhost:8000"),
        ("https://a.example.org", "A.Example.Org"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("http://localhost", ""),
        ("https://other.example.net", "tasks.example.com"),
        ("https://tasks.example.com.", "tasks.example.com."),
        ("https://a.wild.example", "tasks.example.com"),
        ("https://a.b.wild.example", "tasks.example.com"),
        ("https://wild.example", "tasks.example.com"),
        ("http://a.ports.example:8080", "tasks.example.com"),
    ],
)
def test_our_own_pages_may_connect(origin, host):
    assert is_allowed(origin, host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("", "localhost"),
        ("null", "localhost"),
        ("https://evil.example", "tasks.example.com"),
        ("https://evil.example", "evil.example"),
        ("https://tasks.example.com.evil.example", "tasks.example.com"),
        ("http://localhost:9000", "localhost:8000"),
        ("http://tasks.example.com", "tasks.example.com:443"),
        ("http://[", "localhost"),
        ("http://localhost:99999999", "localhost"),
        ("file://localhost", "localhost"),
        ("javascript:alert(1)", "localhost"),
        ("http://other.example.net", "tasks.example.com"),
        ("http://a.wild.example", "tasks.example.com"),
        ("https://a.wild.example:8443", "tasks.example.com"),
        ("https://awild.example", "tasks.example.com"),
        ("https://a.wild.example.evil.example", "tasks.example.com"),
        ("https://evil.example/.wild.example", "tasks.example.com"),
        ("https://evil.example?.wild.example", "tasks.example.com"),
        ("https://evil.example#.wild.example", "tasks.example.com"),
        ("https://evil.example@a.wild.example", "tasks.example.com"),
        ("https://evil.example\\.wild.example", "tasks.example.com"),
        ("https://[::1].wild.example", "tasks.example.com"),
        ("http://a.ports.example", "tasks.example.com"),
        ("http://evil.example@localhost:8000", "localhost:8000"),
        ("http://localhost:8000/", "localhost:8000"),
        ("http://localhost:8000, http://localhost:8000", "localhost:8000"),
    ],
)
def test_everybody_else_is_refused(origin, host):
    assert not is_allowed(origin, host)


@pytest.mark.parametrize(
    ("scheme", "https", "origin", "allowed"),
    [
        ("wss", False, "https://tasks.example.com", True),
        ("wss", False, "http://tasks.example.com", False),
        ("ws", True, "http://tasks.example.com", False),
        ("ws", True, "https://tasks.example.com", True),
        ("ws", False, "http://tasks.example.com", True),
        ("wss", False, "http://plain.example", True),  # named with its scheme: as for forms
    ],
)
async def test_a_page_that_came_in_the_clear_opens_no_socket_of_a_secure_site(
    settings, scheme, https, origin, allowed
):
    settings.HTTPS = https
    passed = []

    async def application(*_):
        passed.append(True)

    async def nothing(*_):
        pass

    headers = [(b"origin", origin.encode()), (b"host", b"tasks.example.com")]
    scope = {"type": "websocket", "scheme": scheme, "headers": headers}
    await OriginValidator(application)(scope, nothing, nothing)
    assert bool(passed) is allowed


TRIED_ON_FORMS = [
    "https://tasks.example.com",
    "http://tasks.example.com",
    "https://a.wild.example",
    "http://a.wild.example",
    "https://wild.example",
    "https://awild.example",
    "http://a.ports.example:8080",
    "https://other.example.net",
    "http://other.example.net",
    "http://plain.example",
    "https://evil.example",
    "https://[",
    "null",
]


@pytest.mark.parametrize("origin", TRIED_ON_FORMS)
def test_forms_trust_the_same_origins(rf, origin):
    request = rf.post("/", headers={"Origin": origin, "Host": "tasks.example.com"}, secure=True)
    is_trusted = CsrfViewMiddleware(HttpResponse)._origin_verified(request)
    assert is_trusted is is_allowed(origin, "tasks.example.com", secure=True)


def test_any_host_does_not_mean_any_origin(settings):
    settings.ALLOWED_HOSTS = ["*"]
    assert is_allowed("https://anything.example", "anything.example")
    assert not is_allowed("https://evil.example", "anything.example")
    assert not is_allowed("null", "anything.example")
    assert not is_allowed("", "anything.example")


@pytest.fixture
def no_reads(monkeypatch):
    async def read(handshake):
        raise AssertionError("the database would have been read")

    monkeypatch.setattr(connecting, "read", read)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://["])
async def test_another_site_is_refused_before_any_read(world, no_reads, origin, caplog):
    cookie = await sync_to_async(session_cookie)(world.bob)
    assert (await Socket(org_path("acme"), cookie, origin=origin).connect())[0] is False
    assert not caplog.records


@pytest.mark.parametrize(
    "path", ["/", "/ws/", "/ws/nothing/", "/ws/orgs/acme/", "/ws/orgs/a/b/notifications/", "/ws/\x00/"]
)
async def test_an_unknown_path_is_refused_before_any_read(world, no_reads, settings, path, caplog):
    settings.ALLOWED_HOSTS = ["testserver"]
    cookie = await sync_to_async(session_cookie)(world.bob)
    assert (await Socket(path, cookie).connect())[0] is False
    assert not caplog.records


async def test_a_known_path_of_our_own_page_is_read(world, no_reads, settings, caplog):
    """The tests above could not fail otherwise."""
    settings.ALLOWED_HOSTS = ["testserver"]
    cookie = await sync_to_async(session_cookie)(world.bob)
    await Socket(org_path("acme"), cookie).connect()
    assert "the database would have been read" in caplog.text
