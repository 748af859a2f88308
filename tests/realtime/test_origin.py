"""Whoever may not connect is refused before anything is looked up."""

import pytest
from asgiref.sync import sync_to_async

from realtime import connecting
from realtime.origin import is_allowed
from tests.realtime.sockets import Socket, org_path, session_cookie


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["tasks.example.com", ".example.org", "localhost", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://other.example.net"]


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
    ],
)
def test_everybody_else_is_refused(origin, host):
    assert not is_allowed(origin, host)


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
