"""Mail switched off by an address that stands in it: by a button, or by a mail program, signed in or not."""

import re

import pytest
from django.core import signing
from django.test import Client

from outbound.mail import unsubscribe
from outbound.mail.composing import compose
from outbound.models import Delivery
from preferences.chosen import chosen
from preferences.kinds import Channel, Kind, Value
from preferences.services import choose
from tests.outbound.deliveries import delivery_for
from tests.tasks.acme import comment, new_task

pytestmark = [pytest.mark.django_db, pytest.mark.first]

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def mail_of(user, team, **which):
    task = new_task(team, actor=user)
    comment(task, f"@{user.username}", actor=team.bob)
    return compose(delivery_for(user, team, **which))


def address_in(mail):
    return re.fullmatch(r"<http://localhost(/mail/off/\S+/)>", mail.headers["List-Unsubscribe"])[1]


def by_mail(user, team=None):
    return chosen([user.pk], team and team.pk, Channel.MAIL)[user.pk]


@pytest.fixture
def client():
    """Whoever has the mail and nothing else: no session, and no cookie against forged forms."""
    return Client(enforce_csrf_checks=True)


def test_looking_changes_nothing(acme, client):
    mail = mail_of(acme.carol, acme, kind=Delivery.Kind.AT_ONCE)
    before = by_mail(acme.carol, acme)
    for ask in (client.get, client.head):
        assert ask(address_in(mail)).status_code == 200
    page = " ".join(client.get(address_in(mail)).text.split())
    assert "You get an e-mail at once about mentions in <bdi>Acme</bdi>" in page
    assert by_mail(acme.carol, acme) == before


def test_a_mail_program_switches_off_that_mail_alone(acme, globex, client):
    globex.join("carol")
    mail = mail_of(acme.carol, acme, kind=Delivery.Kind.AT_ONCE)
    before = by_mail(acme.carol, acme)
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    assert client.post(address_in(mail), ONE_CLICK).status_code == 200

    assert by_mail(acme.carol, acme) == before | {Kind.MENTIONS: Value.OFF}
    assert by_mail(acme.carol, globex) == by_mail(acme.carol) == before
    assert mail_of(acme.carol, acme, kind=Delivery.Kind.AT_ONCE) is None
    assert "were off already" in client.post(address_in(mail), ONE_CLICK).text


def test_a_digest_is_switched_off_wherever_it_is_on(acme, globex, client):
    globex.join("carol")
    for where in (None, globex.pk):
        choose(acme.carol.pk, where, Channel.MAIL, Kind.MENTIONS, Value.DIGEST)
    choose(acme.carol.pk, acme.pk, Channel.MAIL, Kind.WATCHED, Value.AT_ONCE)
    address = address_in(mail_of(acme.carol, acme))
    before = [by_mail(acme.carol, team) for team in (None, acme, globex)]

    page = client.post(address, ONE_CLICK)

    after = [by_mail(acme.carol, team) for team in (None, acme, globex)]
    assert [Value.DIGEST in values.values() for values in after] == [False, False, False]
    assert after[1][Kind.WATCHED] == Value.AT_ONCE
    assert after[0][Kind.ASSIGNMENTS] == Value.AT_ONCE

    back = re.search(r'action="(/mail/on/[^"]+)"', page.text)[1]
    assert "are on again" in client.post(back).text
    assert [by_mail(acme.carol, team) for team in (None, acme, globex)] == before


def test_switching_on_again_leaves_alone_what_was_chosen_since(acme, client):
    mail = mail_of(acme.carol, acme, kind=Delivery.Kind.AT_ONCE)
    back = re.search(r'action="(/mail/on/[^"]+)"', client.post(address_in(mail), ONE_CLICK).text)[1]
    choose(acme.carol.pk, acme.pk, Channel.MAIL, Kind.MENTIONS, Value.DIGEST)
    client.get(back)
    client.post(back)
    assert by_mail(acme.carol, acme)[Kind.MENTIONS] == Value.DIGEST


def test_what_was_changed_or_is_old_gets_a_sentence(acme, client, monkeypatch):
    address = address_in(mail_of(acme.carol, acme, kind=Delivery.Kind.AT_ONCE))
    token = address.split("/")[-2]
    another_salt = signing.dumps([acme.carol.pk, None, "at_once", ["mentions"]], salt=unsubscribe.ON)
    for bad in (
        address.replace(token, token[:-1] + ("B" if token[-1] == "A" else "A")),
        address[:-9] + "/",
        f"/mail/off/{another_salt}/",
        f"/mail/on/{token}/",
    ):
        answer = client.post(bad)
        assert answer.status_code == 404
        assert "This link does not work any more" in answer.text
    monkeypatch.setattr(unsubscribe, "LASTS", -1)
    assert client.post(address).status_code == 404
    assert by_mail(acme.carol, acme)[Kind.MENTIONS] == Value.AT_ONCE


@pytest.mark.parametrize("gone", ["account", "membership"])
def test_whoever_is_gone_has_nothing_to_switch_off(acme, client, gone):
    address = address_in(mail_of(acme.carol, acme, kind=Delivery.Kind.AT_ONCE))
    if gone == "account":
        type(acme.carol).objects.filter(pk=acme.carol.pk).update(is_active=False)
    else:
        acme.membership(acme.carol).delete()
    assert client.post(address).status_code == (404 if gone == "account" else 200)
    assert by_mail(acme.carol, acme)[Kind.MENTIONS] == Value.AT_ONCE
