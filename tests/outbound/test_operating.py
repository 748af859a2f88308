"""What operators see of deliveries and do with them, and what is cleared."""

import datetime as dt
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from config.mail_servers import MAILBOX, SMTP
from outbound.checks import mail_leads_somewhere
from outbound.clearing import KEPT, clear_ended
from outbound.mail import addresses
from outbound.models import Delivery, Gathering, Unreachable
from outbound.personal import forget
from tests.factories import UserFactory
from tests.tasks.acme import signed_in

pytestmark = pytest.mark.django_db


def delivery(key, **fields):
    now = timezone.now()
    kept = {
        "channel": "mail",
        "kind": "account",
        "due_at": now,
        "created_at": now,
        "content": {"text": "1234"},
    }
    return Delivery.objects.create(key=key, **(kept | fields))


@pytest.fixture
def admin():
    return signed_in(UserFactory(username="root", is_staff=True, is_superuser=True))


def act(client, name, *deliveries):
    chosen = {"action": name, "_selected_action": [each.pk for each in deliveries]}
    return client.post(reverse("admin:outbound_delivery_changelist"), chosen, follow=True)


def test_the_list_says_what_waits_and_why_and_shows_no_content(admin):
    delivery("a", address="bob@example.com", error="452 mailbox full", attempts=3)
    listed = admin.get(
        reverse("admin:outbound_delivery_changelist") + "?state__exact=waiting"
    ).content.decode()
    assert "452 mailbox full" in listed
    assert "bob@example.com" in listed
    page = admin.get(reverse("admin:outbound_delivery_change", args=[Delivery.objects.get().pk]))
    assert page.status_code == 200
    assert "1234" not in page.content.decode()


def test_try_again_and_give_up(admin):
    later = timezone.now() + dt.timedelta(hours=3)
    waits, gone = delivery("a", due_at=later), delivery("b", kind="digest", state="given_up", ended_at=later)
    empty = delivery("c", state="given_up", ended_at=later, content={})
    assert "2 of 3 will be tried again." in act(admin, "try_again", waits, gone, empty).content.decode()
    for each in (waits, gone):
        each.refresh_from_db()
        assert (each.state, each.ended_at) == ("waiting", None)
        assert each.due_at <= timezone.now()
    act(admin, "give_up", waits)
    waits.refresh_from_db()
    assert (waits.state, waits.content) == ("given_up", {})


def test_who_may_only_look_may_do_nothing(admin):
    waits = delivery("a")
    reader = UserFactory(username="reader", is_staff=True)
    reader.user_permissions.add(*_permission("view_delivery"))
    act(signed_in(reader), "give_up", waits)
    waits.refresh_from_db()
    assert waits.state == "waiting"


def _permission(codename):
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(codename=codename)


def test_status_says_what_waits():
    delivery("a", created_at=timezone.now() - dt.timedelta(seconds=90))
    delivery("b", state="given_up", ended_at=timezone.now())
    out = StringIO()
    call_command("follow", "--status", stdout=out)
    assert "mail, to send: 1 waiting, the oldest for 9" in out.getvalue()
    assert "1 given up (not set up)" in out.getvalue()


def test_mails_that_lead_nowhere_are_warned_of(settings):
    assert mail_leads_somewhere() == []
    settings.MAIL_IS_ON, settings.EMAIL_BACKEND = True, SMTP
    assert [each.id for each in mail_leads_somewhere()] == ["outbound.W001", "outbound.W002"]
    settings.MAIL_FROM, settings.SITE_URL = "Carillon <c@example.com>", "https://tasks.example.com"
    assert mail_leads_somewhere() == []


def test_a_mailbox_that_others_reach_is_warned_of(settings):
    settings.MAIL_IS_ON, settings.EMAIL_BACKEND = True, MAILBOX
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert mail_leads_somewhere() == []
    settings.ALLOWED_HOSTS = ["localhost", "tasks.example.com"]
    assert [each.id for each in mail_leads_somewhere()] == ["outbound.W003"]


def test_what_ended_long_ago_is_cleared():
    now = timezone.now()
    delivery("old", state="sent", ended_at=now - KEPT - dt.timedelta(seconds=1))
    delivery("new", state="sent", ended_at=now - KEPT + dt.timedelta(minutes=1))
    delivery("waits", created_at=now - 2 * KEPT)
    clear_ended(now)
    assert set(Delivery.objects.values_list("key", flat=True)) == {"new", "waits"}


def test_an_erased_account_s_rows_go(acme):
    bob, now = acme.bob, timezone.now()
    EmailAddress.objects.create(user=bob, email="bob@example.com", primary=True, verified=True)
    delivery("his", user=bob)
    delivery("to him", kind="invitation", address="Bob@Example.com")
    delivery("another's", user=acme.carol)
    Gathering.objects.create(
        user=bob, organization=acme.organization, channel="mail", mode="digest", first=1, last=2, since=now,
        due_at=now,
    )  # fmt: skip
    addresses.mark("bob@example.com", "bounced", "")
    forget(bob)
    assert [each.key for each in Delivery.objects.all()] == ["another's"]
    assert not Gathering.objects.exists()
    assert not Unreachable.objects.exists()
