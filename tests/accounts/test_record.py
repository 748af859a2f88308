"""The access record: what it says, what it never says, how much there can be of it, and when it goes."""

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import clearing, record
from accounts.models import AccessRecord
from orgs import access_record
from orgs.access_record import Kind
from tasks.erasure import erase_user
from tests.accounts.signing_in import signed_in_by_page, type_password
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def rows(**where):
    return list(AccessRecord.objects.filter(**where).order_by("pk"))


def test_a_sign_in_is_kept_with_address_and_browser(ada):
    signed_in_by_page(ada, headers={"User-Agent": "Testing"}, REMOTE_ADDR="192.0.2.7")
    (kept,) = rows()
    assert (kept.kind, kept.user, kept.address, kept.browser) == (Kind.SIGNED_IN, ada, "192.0.2.7", "Testing")


def test_a_wrong_password_names_the_account_and_is_never_kept(ada):
    type_password(Client(), "ADA", "my secret")
    (kept,) = rows()
    assert (kept.kind, kept.user) == (Kind.SIGN_IN_FAILED, ada)
    assert "secret" not in str(vars(kept))


def test_a_name_that_is_nobodys_is_not_kept_for_it_may_be_a_password(ada):
    type_password(Client(), "hunter2-typed-as-name", PASSWORD)
    (kept,) = rows()
    assert (kept.user, kept.about) == (None, "the name or address belongs to no account")
    assert "hunter2" not in str(vars(kept))


def test_refusals_by_the_limit_are_kept_in_few_rows(ada):
    client = Client()
    for _ in range(30):
        type_password(client, "ada", "wrong")
    kept = {each.kind: each.times for each in rows()}
    assert set(kept) == {Kind.SIGN_IN_FAILED, Kind.REFUSED}
    assert len(rows()) == 2
    assert kept[Kind.REFUSED] >= 16


def test_repeats_of_a_minute_are_one_row_and_the_next_minute_has_its_own(ada, monkeypatch, rf):
    clock = iter([0.0, 1.0, 59.0, 61.0])
    monkeypatch.setattr(record.time, "monotonic", lambda: next(clock))
    for _ in range(4):
        record.note(Kind.SIGN_IN_FAILED, ada, request=rf.get("/"))
    assert [each.times for each in rows()] == [3, 1]


def test_no_number_of_addresses_makes_more_rows_than_so_many_a_minute(monkeypatch, rf):
    monkeypatch.setattr(record, "ROWS_A_MINUTE", 3)
    for number in range(20):
        record.note(Kind.SIGN_IN_FAILED, request=rf.get("/", REMOTE_ADDR=f"192.0.2.{number}"))
    assert len(rows()) == 4
    assert (rows()[-1].address, rows()[-1].about, rows()[-1].times) == (None, "from many addresses", 16)


def test_lower_layers_have_their_news_kept(ada):
    access_record.note(Kind.INVITED, ada.pk, "to Acme\n\x00as a member")
    (kept,) = rows()
    assert (kept.kind, kept.user, kept.about, kept.address) == (
        Kind.INVITED,
        ada,
        "to Acme as a member",
        None,
    )


@pytest.mark.parametrize("address", ["", "unknown", "/run/socket"])
def test_what_is_no_address_is_none(ada, rf, address):
    record.note(Kind.SIGNED_IN, ada, request=rf.get("/", REMOTE_ADDR=address, HTTP_USER_AGENT="x" * 5000))
    assert (rows()[0].address, len(rows()[0].browser)) == (None, 200)


def test_an_administrator_reads_searches_and_filters_it_and_nobody_changes_it(root, ada):
    signed_in_by_page(ada)
    client = signed_in_by_page(root)
    page = "/admin/accounts/accessrecord/"
    (kept,) = rows(user=ada)
    assert [each.pk for each in client.get(f"{page}?q=ada&kind=signed_in").context["cl"].result_list] == [
        kept.pk
    ]
    assert client.get(f"{page}?kind=refused").context["cl"].result_count == 0
    assert client.get(f"{page}{kept.pk}/change/").status_code == 200
    for address in (page, f"{page}add/", f"{page}{kept.pk}/change/", f"{page}{kept.pk}/delete/"):
        body = {"action": "delete_selected", "_selected_action": kept.pk, "post": "yes", "about": "x"}
        assert client.post(address, body).status_code == 403
    assert rows(user=ada) == [kept]


def test_a_password_that_an_administrator_sets_is_kept_with_who_did_it(root, ada):
    new = {"password1": "a long new one", "password2": "a long new one", "usable_password": "true"}
    assert signed_in_by_page(root).post(f"/admin/orgs/user/{ada.pk}/password/", new).status_code == 302
    (kept,) = rows(kind=Kind.PASSWORD_CHANGED)
    assert (kept.user, kept.by) == (ada, root)


def test_staff_who_are_no_superusers_do_not_see_it(ada):
    staff = UserFactory(is_staff=True)
    assert signed_in_by_page(staff).get("/admin/accounts/accessrecord/").status_code == 403


def test_what_was_kept_goes_with_the_person(ada, django_capture_on_commit_callbacks):
    signed_in_by_page(ada)
    with django_capture_on_commit_callbacks(execute=True):
        erase_user(ada.pk)
    assert rows() == []
    assert not UserSession.objects.exists()


@pytest.fixture
def clear(monkeypatch):
    monkeypatch.setattr(clearing, "_next", dt.datetime.min.replace(tzinfo=dt.UTC))
    return clearing.clear


def test_what_expired_is_cleared_in_batches_and_nothing_else(ada, clear, monkeypatch):
    client, ended = signed_in_by_page(ada), signed_in_by_page(ada)
    now = timezone.now()
    Session.objects.filter(session_key=ended.session.session_key).update(expire_date=now - HOUR)
    old = now - clearing.KEPT - HOUR
    AccessRecord.objects.bulk_create(AccessRecord(kind=Kind.SIGNED_IN, user=ada, at=old) for _ in range(5))
    monkeypatch.setattr(clearing, "BATCH", 2)
    monkeypatch.setattr(clearing, "BATCHES", 2)
    assert clear(now) == now  # more is left
    assert clear(now) == now + clearing.PAUSE
    assert len(rows()) == 2
    assert [each.session_key for each in UserSession.objects.all()] == [client.session.session_key]
    assert [each.pk for each in Session.objects.all()] == [client.session.session_key]


def test_what_strangers_caused_has_a_bound_and_goes_oldest_first(ada, clear, monkeypatch):
    monkeypatch.setattr(clearing, "MOST_OF_STRANGERS", 3)
    AccessRecord.objects.create(kind=Kind.SIGNED_IN, user=ada)
    AccessRecord.objects.bulk_create(
        AccessRecord(kind=Kind.REFUSED, about=str(number)) for number in range(5)
    )
    clear(timezone.now())
    assert [each.about for each in rows(kind=Kind.REFUSED)] == ["2", "3", "4"]
    assert len(rows(kind=Kind.SIGNED_IN)) == 1


def test_between_two_times_clearing_asks_the_database_nothing(clear, django_assert_num_queries):
    now = timezone.now()
    clear(now)
    with django_assert_num_queries(0):
        assert clear(now + dt.timedelta(seconds=2)) == now + clearing.PAUSE
