"""The list of one's sessions, and how they end."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import seen, sessions
from accounts.browsers import browser_of
from accounts.models import AccessRecord
from base import seldom
from base.announcements import user_group_name
from orgs.access_record import Kind
from tests.accounts.signing_in import signed_in_by_page
from tests.factories import PASSWORD, UserFactory

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PAGE = "/accounts/sessions/"


def key_of(client):
    return client.session.session_key


def row_of(client):
    return UserSession.objects.get(session_key=key_of(client))


def is_in(client):
    return client.get("/orgs/").status_code == 200


def test_the_list_says_where_and_marks_this_one(ada):
    here, there = signed_in_by_page(ada), signed_in_by_page(ada, headers={"User-Agent": FIREFOX})
    listed = here.get(PAGE).context["sessions"]
    assert [(each["is_here"], each["session"].pk) for each in listed] == [
        (True, row_of(here).pk),
        (False, row_of(there).pk),
    ]
    page = here.get(PAGE).content.decode()
    assert "Firefox on Linux" in page
    assert "127.0.0.1" in page
    assert page.count("this one") == 1


def test_ending_one_signs_it_out_at_once_and_tells_its_sockets(
    ada, announcements, django_capture_on_commit_callbacks
):
    here, there, third = (signed_in_by_page(ada) for _ in range(3))
    announcements.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert here.post(f"{PAGE}{row_of(there).pk}/end/")["Location"] == PAGE
    assert (is_in(here), is_in(there), is_in(third)) == (True, False, True)
    assert [group for group, _ in announcements] == [user_group_name(ada.pk)]
    assert AccessRecord.objects.filter(user=ada, kind=Kind.SESSIONS_ENDED, about="1 session").count() == 1


def test_ending_this_one_is_a_sign_out(ada):
    client = signed_in_by_page(ada)
    assert client.post(f"{PAGE}{row_of(client).pk}/end/")["Location"] == "/accounts/login/"
    assert not is_in(client)


def test_ending_all_others_keeps_this_one(ada):
    here, there, third = (signed_in_by_page(ada) for _ in range(3))
    here.post(f"{PAGE}end/")
    assert (is_in(here), is_in(there), is_in(third)) == (True, False, False)
    assert UserSession.objects.count() == 1


def test_another_persons_session_is_not_there(ada):
    other = signed_in_by_page(UserFactory())
    assert signed_in_by_page(ada).post(f"{PAGE}{row_of(other).pk}/end/").status_code == 404
    assert is_in(other)


def test_nothing_ends_by_a_link(ada):
    here, there = signed_in_by_page(ada), signed_in_by_page(ada)
    for address in (f"{PAGE}end/", f"{PAGE}{row_of(there).pk}/end/"):
        assert here.get(address).status_code in (302, 405)  # a page that was sent to is led to from
    assert is_in(there)


def test_a_new_password_ends_the_others(ada):
    here, there = signed_in_by_page(ada), signed_in_by_page(ada)
    new = {"oldpassword": PASSWORD, "password1": "a long new one", "password2": "a long new one"}
    assert here.post("/accounts/password/change/", new).status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    assert UserSession.objects.count() == Session.objects.count() == 1


def test_nobody_has_more_sessions_than_there_may_be(ada, monkeypatch):
    monkeypatch.setattr(sessions, "MOST", 2)
    first, *newer = (signed_in_by_page(ada) for _ in range(3))
    assert not is_in(first)
    assert all(map(is_in, newer))


def test_when_a_session_was_seen_is_written_once_in_some_minutes(ada, monkeypatch, django_assert_num_queries):
    note = seen_note(monkeypatch)
    client = Client()
    client.force_login(ada)  # as before there was a list
    is_in(client)
    before = row_of(client).last_seen_at
    note.clock = 100.0
    is_in(client)
    assert row_of(client).last_seen_at == before
    note.clock = 400.0
    is_in(client)
    assert row_of(client).last_seen_at > before


def seen_note(monkeypatch):
    """The real one, with a clock of the test's."""

    class Note:
        clock = 0.0

    monkeypatch.undo()
    seen.SIGHTINGS.forget()
    monkeypatch.setattr(seldom.time, "monotonic", lambda: Note.clock)
    return Note


@pytest.mark.once
@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("curl/8.5", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_as_people_call_it(user_agent, name):
    assert browser_of(user_agent) == name
