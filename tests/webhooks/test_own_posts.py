"""Whatever way an address leads back to us, our own server refuses what comes by it."""

import socket

import pytest

from outbound import numbers
from outbound.models import Delivery
from outbound.to_strangers import post
from tests.outbound.test_unsubscribe import address_in, by_mail, mail_of
from tests.webhooks.conftest import work
from webhooks import services
from webhooks.models import WebhookDelivery
from webhooks.wishes import Wish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.second]


@pytest.fixture
def elsewhere(settings, monkeypatch):
    """A name that nobody here knows and that leads here, as that of a proxy of ours does."""
    settings.OUTBOUND_LOOPBACK = True

    def getaddrinfo(host, port, *_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(numbers.socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("host", ["127.0.0.1", "hooks.example"])
def test_a_webhook_that_leads_here_changes_nothing(acme, start_server, elsewhere, host):
    server = start_server(ALLOWED_HOSTS="*")
    mail = mail_of(acme.carol, acme, kind=Delivery.Kind.AT_ONCE)
    before = by_mail(acme.carol, acme)
    wish = Wish("Here", f"http://{host}:{server.port}{address_in(mail)}")
    hook = services.make(acme.membership(acme.alice), wish, from_start=True).webhook
    work()
    hook.refresh_from_db()
    assert (hook.last_status, hook.sent_position) == (403, 0)
    assert "leads to Carillon itself" in WebhookDelivery.objects.get().answer
    assert by_mail(acme.carol, acme) == before


@pytest.mark.parametrize("path", ["/", "/api/v1/me", "/api/v1/stream", "/static/x", "/livez", "/nowhere"])
def test_no_address_of_ours_takes_it(acme, server, elsewhere, path):
    for method in ("POST", "PUT"):
        assert post(f"{server.base_url}{path}", b"{}", {}, method=method).status in (403, 405)
