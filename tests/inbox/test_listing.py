import datetime as dt
from collections.abc import Sequence
from types import UnionType
from typing import get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from django.utils import timezone

from base.templatetags.times import Time
from events.subjects import SUBJECTS
from inbox.bell import BellRow
from inbox.listing import Row, by_day, names_for, rows_of
from inbox.newest import Filters, newest
from inbox.org_inboxes import OrgInbox
from inbox.page_frame import Frame
from inbox.row_events import EXCERPT, Person, RowEvent, RowNews, row_news
from inbox.states import State
from inbox.thread_rows import ThreadRow
from inbox.undo_offers import Offer
from tasks import facts
from tasks.commands import DeleteComment, EditComment
from tests.tasks.acme import assign, comment, new_task
from tests.tasks.acme import carry_out as change


def row(created_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC), reason="org", text=None):
    person = Person(3, "Alice", "A", "")
    event = RowEvent(
        pk=977,
        organization_id=7,
        organization="Acme",
        stream_id=UUID(int=1),
        version=2,
        parts=1,
        subject=SUBJECTS["task"],
        key="ACME-12",
        title="Fix the door",
        fact=facts.Commented(text),
        actor_id=3,
        actor=person,
        created_at=created_at,
    )
    return rows_of([RowNews([event], reason, State.UNREAD, is_gone=False, more=None)], 2, {})[0]


class TestRow:
    def test_shows_what_the_page_needs(self):
        one = row(text="Hm.", reason="assignee")
        assert (one.key, one.title, one.url) == ("ACME-12", "Fix the door", "/inbox/977/")
        assert (one.said, one.deed, one.reason_label) == ("Alice: “Hm.”", "“Hm.”", "you are assigned")

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("x" * EXCERPT, "x" * EXCERPT),
            ("x" * (EXCERPT + 1), "x" * EXCERPT + "…"),
            ("x" * (EXCERPT - 1) + " yyy", "x" * (EXCERPT - 1) + "…"),
        ],
    )
    def test_cuts_a_long_comment(self, text, shown):
        assert row(text=text).deed == f"“{shown}”"

    def test_says_what_happened_without_a_comment(self):
        assert (row().said, row().deed) == ("Alice commented on it", "commented on it")

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


@pytest.mark.parametrize("row", [Row, ThreadRow, BellRow, Frame])
def test_what_a_template_gets_holds_no_model(row):
    """Plain values alone: nothing that a template reads asks the database."""
    plain = (bool, int, str, dict, list, tuple, Time, type(None), Row, BellRow, Offer, OrgInbox)
    for name, kind in get_type_hints(row).items():
        for each in get_args(kind) if isinstance(kind, UnionType) else [kind]:
            origin = get_origin(each) or each
            assert origin is Sequence or issubclass(origin, plain), name
            assert not [held for held in get_args(each) if held is not Ellipsis and held not in plain], name


@pytest.mark.django_db
def test_notifications_become_rows_with_their_sentences_in_two_queries(acme, django_assert_num_queries):
    """What they tell of, and the names of people who did none of it."""
    task = new_task(acme, actor=acme.alice)
    assign(task, acme.carol, actor=acme.alice)
    comment(task, "@vera", actor=acme.alice)
    event_ids = newest(bob := acme.bob.pk, Filters((acme.pk,)), 3)
    with django_assert_num_queries(2):
        news = row_news(bob, event_ids)
        rows = rows_of(news, bob, names_for(news))
    assert [(one.said, one.unread, one.org_id) for one in rows] == [
        ("Alice: “@vera”", True, acme.pk),
        ("Alice assigned it to Carol", True, acme.pk),
        ("Alice created it", True, acme.pk),
    ]


@pytest.mark.django_db
def test_a_text_that_was_taken_away_is_not_shown(acme):
    task = new_task(acme, actor=acme.alice)
    gone, edited, stays = (comment(task, f"number {n}", actor=acme.alice) for n in range(3))
    change(DeleteComment(task_id=task.pk, comment=gone.version), actor=acme.alice)
    change(EditComment(task_id=task.pk, comment=edited.version, text="better"), actor=acme.alice)
    found = row_news(acme.bob.pk, [gone.pk, edited.pk, stays.pk])
    assert [each.is_gone for each in found] == [False, False, True]
