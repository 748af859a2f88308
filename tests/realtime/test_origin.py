import pytest

from realtime.origin import is_allowed


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
