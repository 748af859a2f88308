"""Events per day by action: true figures, a bounded period, and words for whoever sees no drawing."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from events.audit.chart import MOST_DAYS, chart_of
from events.models import TaskEvent
from tasks.commands import ChangeStatus, CreateTask
from tasks.services import execute
from tests.events.audited import LIST, events_of, staff, text
from tests.tasks.acme import comment, new_task, signed_in

pytestmark = pytest.mark.django_db

TODAY = dt.datetime.now(dt.UTC).date()


def at(days_ago, hour=12):
    return dt.datetime.combine(TODAY - dt.timedelta(days_ago), dt.time(hour, 30), dt.UTC)


@pytest.fixture
def week(acme):
    """Today nothing; yesterday a task late at night and early; three days ago two; long ago one."""
    for days_ago, hour in ((100, 12), (3, 0), (3, 23), (1, 23)):
        command = CreateTask(organization_id=acme.pk, title="Fix the door")
        (event,) = execute(command, actor=acme.alice, now=at(days_ago, hour))
    execute(ChangeStatus(task_id=event.stream_id, status="done"), actor=acme.bob, now=at(1, 23))


def chart(since=None, until=None):
    return chart_of(TaskEvent.objects.readable(), since, until, str)


def bars(row):
    return {(TODAY - bar.day).days: bar.events for bar in row.bars}


def test_counts_each_day_in_utc_by_action(week):
    shown = chart()
    assert bars(shown.total) == {3: 2, 1: 2}
    assert [(row.label, row.total, bars(row)) for row in shown.actions] == [
        ("Created", 3, {3: 2, 1: 1}),
        ("Status changed", 1, {1: 1}),
    ]
    assert (shown.first, shown.last) == (TODAY - dt.timedelta(29), TODAY)


def test_draws_each_bar_at_the_place_of_its_day(week):
    shown = chart()
    for row in (shown.total, *shown.actions):
        assert [bar.x for bar in row.bars] == [(29 - (TODAY - bar.day).days) * 10 + 1 for bar in row.bars]


def test_says_the_same_as_a_table_newest_first(week):
    days = chart().days
    assert len(days) == 30
    assert [day.counts for day in days[:4]] == [[0, 0, 0], [2, 1, 1], [0, 0, 0], [2, 2, 0]]
    assert str({"since": days[1].date.isoformat(), "until": days[1].date.isoformat()}) == days[1].url


def test_shows_the_period_that_is_asked_for_and_never_more_than_its_newest_days(week):
    assert bars(chart(TODAY - dt.timedelta(3), TODAY - dt.timedelta(2)).total) == {3: 2}
    long = chart(TODAY - dt.timedelta(400), TODAY + dt.timedelta(400))
    assert len(long.days) == MOST_DAYS
    assert (long.last, long.total.total) == (TODAY, 4)
    assert bars(chart(None, TODAY - dt.timedelta(100)).total) == {100: 1}


def test_is_not_there_when_nothing_happened(week):
    assert chart(TODAY, TODAY) is None
    assert chart(TODAY, TODAY - dt.timedelta(3)) is None
    assert chart(TODAY + dt.timedelta(3), None) is None
    assert chart(dt.date.min, dt.date.min) is None
    assert chart(dt.date.max, dt.date.max) is None


def test_draws_within_its_frame_and_even_a_single_event(acme):
    now = timezone.now()
    for _ in range(60):
        execute(CreateTask(organization_id=acme.pk, title="x"), actor=acme.alice, now=now)
    (event,) = TaskEvent.objects.all()[:1]
    execute(ChangeStatus(task_id=event.stream_id, status="done"), actor=acme.bob, now=now)
    shown = chart()
    drawn = [bar for row in (shown.total, *shown.actions) for bar in row.bars]
    assert all(bar.y + bar.height == 100 and 0 <= bar.y <= 95 for bar in drawn)
    assert all(0 <= bar.x <= shown.width - 8 for bar in drawn)


class TestThePage:
    @pytest.fixture
    def auditor(self, db):
        return signed_in(staff("audrey", "view_taskevent"))

    def chart_in(self, response):
        return response.content.decode().partition('<figure class="chart"')[2].partition("</figure>")[0]

    def test_describes_each_drawing_in_words(self, auditor, week):
        drawn = self.chart_in(auditor.get(LIST))
        assert drawn.count("<svg") == drawn.count('role="img"') == 3
        for names in re.findall(r'aria-labelledby="([^"]*)"', drawn.partition("<svg")[2]):
            assert all(f'id="{name}"' in drawn for name in names.split())
        assert "4 events in 30 days" in drawn
        assert "style=" not in drawn
        assert "<script" not in drawn

    def test_follows_the_filters(self, acme, auditor, week):
        said = text(auditor.get(f"{LIST}?actor={acme.bob.pk}"))
        assert "1 events in 30 days" not in said
        assert "1 event in 30 days" in said
        drawn = self.chart_in(auditor.get(f"{LIST}?actor={acme.bob.pk}"))
        assert f'href="?action=status_changed&amp;actor={acme.bob.pk}"' in drawn

    @pytest.mark.parametrize(
        "query", ["?since=x", "?until=2026-02-30", "?q=nothing+of+the+kind", "?organization=x"]
    )
    def test_is_left_out_when_there_is_nothing_to_draw(self, auditor, week, query):
        assert self.chart_in(auditor.get(LIST + query)) == ""

    def test_is_left_out_of_one_task_s_history(self, acme, auditor):
        task = new_task(acme, actor=acme.alice)
        comment(task, actor=acme.bob)
        assert self.chart_in(auditor.get(f"{LIST}?stream_id={task.pk}")) == ""
        assert len(events_of(task)) == 2
        assert self.chart_in(auditor.get(LIST)) != ""
