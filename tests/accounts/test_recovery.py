"""Getting back in: by a code to an address that proves whose account it is, in the same words for everybody."""

import time

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.recovery import account_to_reset
from base.announcements import user_group_name
from orgs.models import User
from tests.factories import UserFactory
from tests.tasks.acme import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]

NEW = {"password1": "a long new one", "password2": "a long new one"}


@pytest.fixture
def bob(acme):
    EmailAddress.objects.create(user=acme.bob, email="bob@example.com", verified=True, primary=True)
    return acme.bob


def ask(client, email):
    return client.post("/accounts/password/reset/", {"email": email}, follow=True)


def type_code(client, code):
    return client.post("/accounts/password/reset/confirm/", {"code": code})


def test_a_code_leads_to_a_new_password_which_ends_all_sessions(
    bob, client, post, announcements, django_capture_on_commit_callbacks
):
    elsewhere = signed_in(bob)
    ask(client, "BOB@example.com")
    assert type_code(client, post.code())["Location"] == "/accounts/password/reset/complete/"
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post("/accounts/password/reset/complete/", NEW, follow=True)
    assert "Sign in with the new one" in done.text
    assert User.objects.get(pk=bob.pk).check_password(NEW["password1"])
    assert elsewhere.get("/orgs/").status_code == 302
    assert (user_group_name(bob.pk), {"type": "session.changed", "user_id": bob.pk}) in announcements
    [(to, subject, _)] = post.taken()
    assert (to, subject) == ("bob@example.com", "Your password was changed")


def test_it_lets_in_who_was_kept_out_by_somebodys_guesses(bob, client, post):
    for _ in range(6):
        answer = client.post("/accounts/login/", {"login": "bob", "password": "wrong"})
    assert answer.status_code == 429
    ask(client, "bob@example.com")
    type_code(client, post.code())
    client.post("/accounts/password/reset/complete/", NEW)
    answer = client.post("/accounts/login/", {"login": "bob", "password": NEW["password1"]})
    assert answer.status_code == 302


def test_nobody_learns_whose_address_it_is(bob, client, post):
    pages = []
    for email in ("bob@example.com", "eve@example.com"):
        client.cookies.clear()
        asked = ask(client, email)
        wrong = type_code(client, "WRONG")
        pages.append(
            [
                asked.redirect_chain,
                *(
                    page.text.replace(email, "ADDRESS").replace(str(page.context["csrf_token"]), "TOKEN")
                    for page in (asked, wrong)
                ),
            ]
        )
    assert pages[0] == pages[1]
    assert [to for to, _, _ in post.taken()] == ["bob@example.com"]


def test_as_much_is_done_for_nobody(bob, client, post):
    """The time that it takes tells no more than the words."""
    made = [
        [each.name for each in client.post("/accounts/password/reset/", {"email": email}).templates]
        for email in ("bob@example.com", "eve@example.com")
    ]
    assert made[0] == made[1]
    assert "mail/account/password_reset_code.html" in made[1]
    assert [to for to, _, _ in post.taken()] == ["bob@example.com"]


def test_nobody_fills_a_mailbox_with_codes(bob, post, monkeypatch):
    """Asked for from anywhere, as often as is allowed, all day long."""
    begun = time.time()
    for number in range(40):
        monkeypatch.setattr(time, "time", lambda number=number: begun + number * 121)
        refused = Client(REMOTE_ADDR=f"10.0.0.{number}").post(
            "/accounts/password/reset/", {"email": "bob@example.com"}
        )
    assert len(post.taken()) == 30
    assert refused.status_code == 429
    assert "hours" in refused.text


def test_three_wrong_codes_are_the_last(bob, client, post):
    ask(client, "bob@example.com")
    code = post.code()
    answers = [type_code(client, "WRONG") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 302]
    assert "wrong too often" in client.get("/accounts/login/").text
    assert type_code(client, code)["Location"] == "/accounts/login/"


def test_an_old_code_has_words(bob, client, post, monkeypatch):
    ask(client, "bob@example.com")
    late = time.time() + 15 * 60 + 1
    monkeypatch.setattr(time, "time", lambda: late)
    assert (
        "That code is too old"
        in client.post("/accounts/password/reset/confirm/", {"code": post.code()}, follow=True).text
    )


def test_a_code_is_good_for_the_browser_that_asked_only(bob, client, post):
    ask(client, "bob@example.com")
    other = signed_in(UserFactory())
    other.post("/accounts/logout/")
    assert type_code(other, post.code())["Location"] == "/accounts/login/"


class TestWhoseAccountAnAddressResets:
    def test_of_who_confirmed_it(self, bob):
        UserFactory(username="x", email="bob@example.com")
        assert account_to_reset("Bob@example.com") == bob

    def test_of_the_only_one_it_was_written_down_for(self):
        old = UserFactory(username="old", email="Old@Example.com")
        assert account_to_reset("old@example.com") == old

    def test_of_none_of_two(self):
        for name in ("old", "older"):
            UserFactory(username=name, email="shared@example.com")
        assert account_to_reset("shared@example.com") is None

    def test_of_no_closed_one(self, bob):
        User.objects.update(is_active=False)
        assert account_to_reset("bob@example.com") is None
        assert account_to_reset("nobody@example.com") is None


def test_of_an_old_account_the_address_is_confirmed_by_it(acme, client, post):
    EmailAddress.objects.create(user=acme.bob, email="bob@example.com")
    ask(client, "bob@example.com")
    type_code(client, post.code())
    assert EmailAddress.objects.get(user=acme.bob).verified
