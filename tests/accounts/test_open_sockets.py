"""Whoever signs out or changes a password is signed out of their open sockets too: the accounts' pages tell them."""

import pytest

from base.announcements import user_group_name
from tests.factories import PASSWORD
from tests.tasks.acme import signed_in

pytestmark = pytest.mark.django_db

NEW = {"new_password1": "a long new one", "new_password2": "a long new one"}


@pytest.fixture
def told(acme, announcements, django_capture_on_commit_callbacks):
    def told(client, url, body=None):
        announcements.clear()
        with django_capture_on_commit_callbacks(execute=True):
            client.post(f"/accounts/{url}/", body)
        return list(announcements)

    return told


def message(user):
    return (user_group_name(user.pk), {"type": "session.changed", "user_id": user.pk})


def test_signing_out_is_told(acme, told):
    client = signed_in(acme.bob)
    assert told(client, "logout") == [message(acme.bob)]
    assert told(client, "logout") == []


def test_a_new_password_is_told(acme, told):
    client = signed_in(acme.bob)
    assert told(client, "password_change", NEW | {"old_password": "wrong"}) == []
    assert told(client, "password_change", NEW | {"old_password": PASSWORD}) == [message(acme.bob)]


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(acme, told):
    here, elsewhere = signed_in(acme.bob), signed_in(acme.bob)
    told(here, "password_change", NEW | {"old_password": PASSWORD})
    assert here.get("/orgs/").status_code == 200
    assert elsewhere.get("/orgs/").status_code == 302


def test_signing_in_tells_nobody(acme, client, told):
    assert told(client, "login", {"username": "bob", "password": PASSWORD}) == []
