import datetime as dt

import pytest
from django.utils import timezone

from events.models import TaskEvent
from inbox.listing import EXCERPT, Row, by_day, rows_of, with_events
from inbox.newest import Filters, newest
from inbox.states import State
from orgs.models import Organization, User
from tests.tasks.acme import assign, comment, new_task


def row(created_at=None, reason="org", **details):
    event = TaskEvent(
        pk=977,
        organization=Organization(pk=7, slug="acme", name="Acme"),
        task_number=12,
        subject="Fix the door",
        action="commented",
        details=details,
        actor=User(username="alice"),
        created_at=created_at,
    )
    return Row(event, "Alice commented on ACME-12", reason, State.UNREAD)


class TestRow:
    def test_shows_what_the_page_needs(self):
        one = row(text="Hm.", reason="assignee")
        assert (one.key, one.title, one.url) == ("ACME-12", "Fix the door", "/inbox/977/")
        assert (one.excerpt, one.reason_label) == ("Hm.", "you are assigned")

    def test_cuts_a_long_comment(self):
        assert row(text="x" * EXCERPT).excerpt == "x" * EXCERPT
        assert row(text="x" * (EXCERPT + 1)).excerpt == "x" * EXCERPT + "…"
        assert row(text="x" * (EXCERPT - 1) + " yyy").excerpt == "x" * (EXCERPT - 1) + "…"

    def test_has_no_excerpt_without_a_comment(self):
        assert row().excerpt == ""

    def test_says_whose_everything_it_is(self):
        assert row().reason_label == "everything in Acme"

    def test_shows_a_reason_of_a_newer_release_as_it_is(self):
        assert row(reason="praised").reason_label == "praised"


class TestDays:
    NOW = dt.datetime(2026, 11, 22, 0, 30, tzinfo=dt.UTC)

    def names(self, *moments):
        return [group["day"] for group in by_day([row(moment) for moment in moments])]

    @pytest.fixture(autouse=True)
    def now(self, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: self.NOW)

    def test_have_names(self):
        day, minute = dt.timedelta(days=1), dt.timedelta(minutes=1)
        assert self.names(
            self.NOW,
            self.NOW - 31 * minute,
            self.NOW - 2 * day,
            dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
            dt.datetime(2025, 12, 31, 23, 59, tzinfo=dt.UTC),
        ) == ["Today", "Yesterday", "Friday 20 November", "Thursday 1 January", "Wednesday 31 December 2025"]

    def test_gather_their_rows_in_the_order_given(self):
        hour = dt.timedelta(hours=1)
        rows = [row(self.NOW), row(self.NOW - hour), row(self.NOW - 2 * hour)]
        groups = by_day(rows)
        assert [group["rows"] for group in groups] == [rows[:1], rows[1:]]

    def test_begin_at_midnight_where_the_reader_is(self):
        with timezone.override(dt.timezone(dt.timedelta(hours=-5))):
            assert self.names(self.NOW - dt.timedelta(minutes=31)) == ["Today"]

    def test_of_nothing_there_are_none(self):
        assert by_day([]) == []


@pytest.mark.django_db
def test_notifications_become_rows_with_their_sentences_in_two_queries(acme, django_assert_num_queries):
    task = new_task(acme, actor=acme.alice)
    assign(task, acme.carol, actor=acme.alice)
    comment(task, "@vera", actor=acme.carol)
    bob = acme.bob.pk
    event_ids = newest(bob, Filters((acme.pk,)), 3)
    with django_assert_num_queries(2):
        rows = rows_of(with_events(bob, event_ids))
        assert [one.sentence for one in rows] == [
            "Carol commented on ACME-1",
            "Alice assigned ACME-1 to Carol",
            "Alice created ACME-1",
        ]
        assert all(one.unread and one.organization.slug == "acme" for one in rows)
