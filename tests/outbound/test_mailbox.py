"""The mailbox of demos: mails as files, and the pages that show them."""

import datetime as dt

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from django.utils import timezone

from outbound.mail import mailbox
from outbound.models import Gathering

pytestmark = [pytest.mark.django_db, pytest.mark.first]


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = mailbox.BACKEND
    settings.MAILBOX_FOLDER = tmp_path / "mailbox"
    return settings.MAILBOX_FOLDER


def send(*subjects):
    for subject in subjects:
        mail = EmailMultiAlternatives(
            subject, "Plain: https://example.com/", "us@example.com", ["ü@example.com"]
        )
        mail.attach_alternative(
            "<html><head></head><body><script>1</script><b>Rich</b></body></html>", "text/html"
        )
        assert get_connection().send_messages([mail]) == 1


def test_shows_what_was_sent_to_whoever_asks(folder):
    client = Client()
    assert "Nothing was sent yet" in client.get("/mailbox/").text
    send("First", "<i>Second</i>")

    page = client.get("/mailbox/").text
    assert page.index("&lt;i&gt;Second&lt;/i&gt;") < page.index("First")
    assert "Everybody who reaches this server" in " ".join(page.split())
    name = mailbox.mails()[0].name
    page = client.get(f"/mailbox/{name}/").text
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page
    assert "ü@example.com" in page


def test_the_html_of_a_mail_can_do_nothing_but_look_as_it_does(folder):
    send("One")
    answer = Client().get(f"/mailbox/{mailbox.mails()[0].name}/html/")

    assert "<b>Rich</b>" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_keeps_the_newest(folder, monkeypatch):
    monkeypatch.setattr(mailbox, "MOST", 3)
    send(*"abcde")
    assert [mail.subject for mail in mailbox.mails()] == ["e", "d", "c"]
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("name", ["1-1-1", "x", "..", "1-1-1.part"])
def test_a_name_leads_nowhere_else(folder, name):
    send("One")
    (folder.parent / "x.eml").write_text("Subject: not a mail\n\nx")
    assert mailbox.mail_called(f"../{name}") is None
    assert Client().get(f"/mailbox/{name}/").status_code == 404


def test_sends_now_what_waits_for_its_hour(folder, acme):
    tomorrow = timezone.now() + dt.timedelta(days=1)
    Gathering.objects.create(
        user=acme.carol, organization=acme.organization, channel="mail", mode="digest", first=1, last=2,
        since=tomorrow, due_at=tomorrow,
    )  # fmt: skip
    assert Client().get("/mailbox/now/").status_code in (302, 405)
    assert Gathering.objects.get().due_at == tomorrow
    Client().post("/mailbox/now/")
    assert Gathering.objects.get().due_at <= timezone.now()


def test_whoever_waits_for_a_code_is_led_to_it(folder, settings):
    assert 'href="/mailbox/"' in Client().get("/mail/off/x/").text
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert "/mailbox/" not in Client().get("/mail/off/x/").text


def test_is_only_there_where_mails_land_in_it(settings):
    for address in ("/mailbox/", "/mailbox/1-1-1/", "/mailbox/1-1-1/html/"):
        assert Client().get(address).status_code == 404
    assert Client().post("/mailbox/now/").status_code == 404
