"""One sign-in for everybody: by name or address, for the product and its administration, and the same words for all who
are refused."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.utils import timezone

from orgs.models import User
from tests.factories import PASSWORD, UserFactory
from tests.tasks.acme import signed_in

pytestmark = pytest.mark.django_db

REFUSED = "do not match an account"


@pytest.fixture
def bob(acme):
    EmailAddress.objects.create(user=acme.bob, email="bob@example.com", verified=True, primary=True)
    return acme.bob


@pytest.fixture
def enters(client):
    def enters(login, password=PASSWORD, **fields):
        client.post("/accounts/logout/")
        answer = client.post("/accounts/login/", {"login": login, "password": password, **fields})
        return client.session.get("_auth_user_id"), answer

    return enters


@pytest.mark.parametrize("login", ["bob", "BOB", " bob ", "bob@example.com", "Bob@Example.COM"])
def test_by_name_or_address_whatever_the_case(bob, enters, login):
    assert enters(login)[0] == str(bob.pk)


def test_the_field_is_called_as_in_older_releases(bob, client):
    assert 'name="username"' in client.get("/accounts/login/").text
    client.post("/accounts/login/", {"username": "bob", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(bob.pk)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("bob", "wrong"),
        ("nobody", PASSWORD),
        ("x@example.com", PASSWORD),
        ("b" * 150, "x"),
        ("\u202ebob", "x"),
    ],
)
def test_refused_in_the_same_words(bob, enters, login, password):
    user, answer = enters(login, password)
    assert user is None
    assert (answer.status_code, answer.text.count(REFUSED)) == (200, 1)


def test_a_closed_account_is_refused_in_the_same_words(bob, enters):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    user, answer = enters("bob")
    assert user is None
    assert REFUSED in answer.text


class TestAnAddressThatNobodyConfirmed:
    """As older databases have them: two accounts may share one."""

    @pytest.fixture
    def old(self, acme):
        old = UserFactory(username="old", email="shared@example.com")
        for user in (old, UserFactory(username="older", email="shared@example.com")):
            EmailAddress.objects.create(user=user, email="shared@example.com")
        return old

    def test_is_nobodys_to_sign_in_by(self, old, enters):
        assert enters("shared@example.com")[0] is None

    def test_keeps_nobody_from_signing_in_by_name_who_is_asked_for_one(self, old, enters, client, settings):
        settings.MAIL_IS_ON = True
        assert enters("old")[0] == str(old.pk)
        assert "no confirmed e-mail address" in client.get("/orgs/").text

    def test_belongs_to_who_confirms_it(self, old, enters):
        EmailAddress.objects.filter(user=old).update(verified=True)
        assert enters("shared@example.com")[0] == str(old.pk)


def test_a_name_that_looks_like_somebodys_address_locks_nobody_out(bob, enters):
    impostor = UserFactory(username="bob@example.com")
    impostor.set_password("another one")
    impostor.save()
    assert enters("bob@example.com")[0] == str(bob.pk)
    assert enters("bob@example.com", "another one")[0] == str(impostor.pk)


def test_a_session_that_another_backend_began_goes_on(bob):
    client = signed_in(bob)
    session = client.session
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session.save()
    assert client.get("/orgs/").status_code == 200
    assert Session.objects.count() == 1


class TestTheAdministration:
    def test_is_signed_in_to_as_the_product_is(self, bob, client, enters):
        User.objects.filter(pk=bob.pk).update(is_staff=True)
        asked = client.get("/admin/orgs/user/?q=x", follow=True).redirect_chain[-1][0]
        assert asked == "/accounts/login/?next=/admin/orgs/user/%3Fq%3Dx"
        assert enters("bob", next="/admin/orgs/user/?q=x")[1]["Location"] == "/admin/orgs/user/?q=x"
        assert client.get("/admin/login/")["Location"] == "/admin/"

    def test_leads_nobody_in_a_circle(self, bob):
        client = signed_in(bob)
        page = client.get("/admin/", follow=True)
        assert page.status_code == 403
        assert "may not open the administration" in page.text
        assert len(page.redirect_chain) == 1

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example"])
    def test_leads_to_no_other_site(self, bob, client, enters, target):
        assert enters("bob", next=target)[1]["Location"] == "/"


@pytest.mark.parametrize(
    "target",
    [
        "https://tasks.example.com/",
        "https://evil.tasks.example.com/",
        "https://other.example.com:8443/",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
    ],
)
def test_signing_in_leads_to_no_other_site_not_even_one_of_ours(bob, enters, settings, target):
    settings.ALLOWED_HOSTS = ["testserver", ".tasks.example.com"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://other.example.com:8443"]
    assert enters("bob", next=target)[1]["Location"] == "/"


def test_signing_in_leads_on_within_the_site(bob, enters):
    assert enters("bob", next="http://testserver/orgs/")[1]["Location"] == "http://testserver/orgs/"


def test_a_session_of_nobody_is_kept_for_an_hour(bob, client, enters):
    """What strangers begin, and leave, must not stay for as long as who signed in does."""
    client.post("/accounts/password/reset/", {"email": "bob@example.com"})
    soon = timezone.now() + timedelta(hours=1, minutes=1)
    assert Session.objects.get().expire_date < soon
    enters("bob")
    assert Session.objects.latest("expire_date").expire_date > timezone.now() + timedelta(days=13)
