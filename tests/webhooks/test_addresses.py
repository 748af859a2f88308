"""Where webhooks may post to, and in which words another address is refused."""

import socket
from ipaddress import ip_network

import pytest

from base.errors import Invalid
from outbound import bounded_connections, numbers
from outbound.numbers import NotSentTo
from outbound.to_strangers import Unreachable, post
from webhooks.addresses import checked, is_ours, origin_of

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def here(settings):
    settings.SITE_URL = "https://tasks.example.com"
    settings.ALLOWED_HOSTS = ["tasks.example.com", ".inner.example", "*"]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "This is no address"),
        ("example.com/hook", "This is no address"),
        ("https://[::1/x", "This is no address"),
        ("https://e.example:0/", "This is no address"),
        (f"https://{'a' * 64}.example/", "host name cannot be"),
        ("https://a..example/", "host name cannot be"),
        ("https://e.example:99999/", "This is no address"),
        ("http://e.example/", "by https alone"),
        ("ftp://e.example/", "by https alone"),
        ("https://user:secret@e.example/", "Leave out the name and the password"),
        ("https://@e.example/", "Leave out the name"),
        ("https://e.example/#x", "Leave out the #"),
        ("https://e.example:25/", "Port 25 is for other services"),
        ("https://localhost/", "Write the host in full"),
        ("https://127.0.0.1/", "not public"),
        ("https://10.1.2.3/x", "not public"),
        ("https://[::1]/", "not public"),
        ("https://[fe80::1%25eth0]/", "not public"),
        ("https://[::ffff:192.168.0.1]/", "not public"),
        ("https://169.254.169.254/latest/meta-data", "not public"),
        ("https://tasks.example.com/api/v1/me", "this installation itself"),
        ("https://TASKS.example.com./", "this installation itself"),
        ("https://a.inner.example/", "this installation itself"),
        ("https://e.example/" + "x" * 2000, "at most 1,000 characters. This one has 2,018"),
        ("https://e.example/a b", "as a browser shows it"),
        ("https://e.example\\@10.0.0.1/", "Leave out|as a browser|no address|not public"),
        ("https://" + "ü" * 80 + ".example/", "host name cannot be"),
    ],
)
def test_what_is_refused_is_refused_in_words(address, says):
    with pytest.raises(Invalid, match=says):
        checked(address)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://e.example/hook?key=1 ", "https://e.example/hook?key=1"),
        ("https://e.example:8443/", "https://e.example:8443/"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://[2606:4700:4700::1111]:8443/x", "https://[2606:4700:4700::1111]:8443/x"),
        ("https://8.8.8.8/x", "https://8.8.8.8/x"),
    ],
)
def test_what_is_taken_is_kept_in_ascii(typed, kept):
    assert checked(typed) == kept
    assert not is_ours(kept)


def test_of_an_address_the_log_has_scheme_and_host_alone():
    assert origin_of("https://hooks.slack.com/services/T0/B0/secret?x=1") == "https://hooks.slack.com"


def test_networks_that_are_named_are_posted_into_and_no_others(settings, monkeypatch):
    settings.WEBHOOK_NETWORKS = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
    assert checked("https://10.1.2.3/hook") == "https://10.1.2.3/hook"
    checked("https://[fd00::1]/")
    checked("https://[::ffff:10.1.2.3]/")
    with pytest.raises(Invalid, match="not public"):
        checked("https://192.168.0.1/hook")
    answers = iter(["10.1.2.3", "10.1.2.3", "192.168.0.1"])

    def getaddrinfo(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def create_connection(*_, **__):
        raise ConnectionRefusedError

    monkeypatch.setattr(numbers.socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(bounded_connections, "create_connection", create_connection)
    with pytest.raises(Unreachable):
        post("https://inner.corp.example/", b"", {}, networks=settings.WEBHOOK_NETWORKS)
    with pytest.raises(NotSentTo):  # of pushes, which name no networks
        post("https://inner.corp.example/", b"", {})
    with pytest.raises(NotSentTo):
        post("https://inner.corp.example/", b"", {}, networks=settings.WEBHOOK_NETWORKS)


def test_in_development_only_the_own_port_is_ours(settings):
    settings.OUTBOUND_LOOPBACK, settings.SITE_URL = True, "http://localhost:8000"
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    assert checked("http://localhost:9000/hook") == "http://localhost:9000/hook"
    with pytest.raises(Invalid, match="itself"):
        checked("http://localhost:8000/hook")
