"""One's own addresses: added by a code, made primary, removed; one that another confirmed is not to be had."""

from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from orgs.models import User
from tests.factories import PASSWORD, UserFactory
from tests.tasks.acme import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]


@pytest.fixture
def bob(acme):
    EmailAddress.objects.create(user=acme.bob, email="bob@example.com", verified=True, primary=True)
    return acme.bob


@pytest.fixture
def page(bob):
    """Of Bob, who has just given his password once more."""
    client = signed_in(bob)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def act(page, name, email):
    return page.post("/accounts/email/", {"email": email, f"action_{name}": ""}, follow=True)


def test_one_is_added_by_a_code_made_primary_and_the_other_removed(bob, page, post):
    asked = act(page, "add", "New@example.com")
    assert asked.redirect_chain[-1][0] == "/accounts/confirm-email/"
    assert EmailAddress.objects.count() == 1
    page.post("/accounts/confirm-email/", {"code": post.code(), "action": "verify"})
    assert EmailAddress.objects.get(email="new@example.com").verified
    assert "Mail goes to this address" in act(page, "primary", "new@example.com").text
    assert User.objects.get(pk=bob.pk).email == "new@example.com"
    act(page, "remove", "bob@example.com")
    assert [address.email for address in EmailAddress.objects.all()] == ["new@example.com"]
    told = [(to, subject) for to, subject, _ in post.taken()]
    assert told == [
        ("bob@example.com", "Mail from Carillon goes elsewhere now"),
        ("new@example.com", "An address was removed from your account"),
    ]


def test_the_primary_one_stays_while_there_are_others(page, bob):
    EmailAddress.objects.create(user=bob, email="b@example.com", verified=True)
    assert "Make another address your primary one first" in act(page, "remove", "bob@example.com").text
    assert EmailAddress.objects.count() == 2


def test_one_that_another_has_only_written_down_can_be_confirmed(page, bob, post):
    EmailAddress.objects.create(user=UserFactory(username="old"), email="mine@example.com")
    act(page, "add", "mine@example.com")
    page.post("/accounts/confirm-email/", {"code": post.code(), "action": "verify"})
    assert EmailAddress.objects.get(email="mine@example.com", verified=True).user == bob


def test_one_that_another_has_confirmed_cannot(page, bob, post):
    other = EmailAddress.objects.create(user=UserFactory(username="o"), email="o@example.com", verified=True)
    act(page, "add", "o@example.com")
    answer = page.post("/accounts/confirm-email/", {"code": post.code(), "action": "verify"})
    assert "This address cannot be added" in answer.text
    assert list(EmailAddress.objects.filter(email="o@example.com")) == [other]


def test_five_are_enough(page, bob, post):
    for number in range(4):
        EmailAddress.objects.create(user=bob, email=f"{number}@example.com", verified=True)
    assert "as many addresses as an account can have" in page.get("/accounts/email/").text
    act(page, "add", "sixth@example.com")
    assert post.taken() == []


def test_who_has_not_given_the_password_lately_gives_it_once_more(bob, post):
    page = signed_in(bob)
    asked = act(page, "add", "new@example.com")
    assert "/accounts/reauthenticate/" in asked.redirect_chain[-1][0]
    assert post.taken() == []
    here = asked.redirect_chain[-1][0]
    assert "That is not your password" in page.post(here, {"password": "wrong"}).text
    page.post(here, {"password": PASSWORD, "next": "/accounts/email/"}, follow=True)
    assert [to for to, _, _ in post.taken()] == ["new@example.com"]


def test_nothing_changes_by_looking(page, bob, post):
    act(page, "add", "new@example.com")
    code = post.code()
    for address in ("/accounts/confirm-email/", "/accounts/email/"):
        page.get(address, {"email": "bob@example.com", "action_remove": "", "code": code})
    assert [address.email for address in EmailAddress.objects.all()] == ["bob@example.com"]


def test_addresses_of_an_older_database_are_noted_and_not_confirmed(bob):
    note = import_module("accounts.migrations.0002_addresses").note_addresses
    UserFactory(username="a", email="Shared@Example.com")
    UserFactory(username="b", email="shared@example.com")
    UserFactory(username="c", email="")
    UserFactory(username="d", email="not an address")
    for _ in range(2):
        note(apps, None)
    noted = EmailAddress.objects.filter(user__username__in="abcd").order_by("pk")
    assert [(row.user.username, row.email, row.verified, row.primary) for row in noted] == [
        ("a", "shared@example.com", False, False),
        ("b", "shared@example.com", False, False),
    ]
    assert EmailAddress.objects.get(user=bob).verified
