"""Who opens a socket: every case of a session, one by one and in one batch."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from orgs.signed_in import users_of_sessions
from realtime.auth import credentials_of
from tests.factories import UserFactory


def signed_in(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def scope(cookie: bytes) -> dict:
    return {"headers": [(b"cookie", cookie)]}


@pytest.mark.parametrize(
    ("cookie", "key"),
    [
        (b"sessionid=abc", "abc"),
        (b"a=b; sessionid=abc; c=d", "abc"),
        (b"", None),
        (b"a=b", None),
        (b"sessionid", None),
        (b"\xff\xfe=;;==", None),
    ],
)
def test_the_key_is_read_from_the_cookie(cookie, key):
    assert credentials_of(scope(cookie)) == key


@pytest.mark.django_db
class TestSessions:
    def test_a_good_one_is_its_users(self):
        user = UserFactory()
        key = signed_in(user)
        assert users_of_sessions([key]) == {key: user}

    @pytest.mark.parametrize("key", ["", "forged", "a" * 32, "x'; DROP TABLE", "\x00", "ü" * 32, "a" * 5_000])
    def test_what_is_no_session_is_nobodys(self, key):
        assert users_of_sessions([key]) == {}

    def test_one_without_a_user_is_nobodys(self):
        client = Client()
        session = client.session
        session["colour"] = "green"
        session.save()
        assert users_of_sessions([session.session_key]) == {}

    def test_a_tampered_one_is_nobodys(self):
        key = signed_in(UserFactory())
        Session.objects.filter(pk=key).update(session_data="e30:tampered:with")
        assert users_of_sessions([key]) == {}

    def test_an_expired_one_is_nobodys(self):
        key = signed_in(UserFactory())
        Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))
        assert users_of_sessions([key]) == {}

    def test_that_of_a_closed_account_is_nobodys(self):
        user = UserFactory()
        key = signed_in(user)
        user.is_active = False
        user.save()
        assert users_of_sessions([key]) == {}

    def test_one_older_than_the_password_is_nobodys(self):
        user = UserFactory()
        key = signed_in(user)
        user.set_password("another")
        user.save()
        assert users_of_sessions([key]) == {}
        assert Session.objects.filter(pk=key).exists()  # reading leaves it as it is

    def test_a_key_rotation_signs_nobody_out(self, settings):
        user = UserFactory()
        key = signed_in(user)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-" * 12, [settings.SECRET_KEY]
        assert users_of_sessions([key]) == {key: user}
        settings.SECRET_KEY_FALLBACKS = []
        assert users_of_sessions([key]) == {}

    def test_many_are_read_by_two_queries(self, django_assert_num_queries):
        users = [UserFactory() for _ in range(20)]
        keys = {signed_in(user): user for user in users}
        with django_assert_num_queries(2):
            assert users_of_sessions([*keys, "forged"]) == keys
