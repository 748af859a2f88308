"""Threads of a list, beside the plain way to find them."""

import uuid
from itertools import product
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import TaskEvent
from inbox import threads
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes
from inbox.query import Query
from inbox.reasons import reasons
from inbox.states import State
from inbox.thread_rows import thread_rows
from inbox.threads import page_of
from inbox.wanted import wanted
from tasks.models import Task
from tests.tasks.acme import signed_in

pytestmark = pytest.mark.django_db

EVENTS, STREAMS = 160, 12
QUERIES = (
    "",
    "is:unread",
    "is:done is:saved",
    "is:all reason:mentioned",
    "-reason:org from:carol",
    "from:alice -is:read",
    "task:ACME-3 task:ACME-7 is:all",
    "-task:ACME-1 is:all",
    "org:globex is:all",
    "-org:globex",
    "is:all news:acme.20-60",
    "is:unread news:acme.20-110.1.mentioned,creator news:globex.1-90.8",
    "-news:acme.1-80 org:acme",
)


@pytest.fixture
def filled(acme, globex):
    """One stream has most of what is newest; the others have a little of everything."""
    globex.join("bob")
    chance, streams = Random(8), [uuid.uuid4() for _ in range(STREAMS)]
    versions = dict.fromkeys(range(STREAMS), 0)
    events, notes = [], []
    for number in range(EVENTS):
        which = 0 if number > EVENTS / 2 and chance.random() < 0.8 else chance.randrange(STREAMS)
        team = globex if which % 4 == 3 else acme
        versions[which] += 1
        event = TaskEvent(
            organization=team.organization,
            position=number + 1,
            stream_id=streams[which],
            version=versions[which],
            action="archived",
            task_number=which + 1,
            subject="Ring",
            actor=chance.choice((acme.alice, acme.carol)),
            created_at=timezone.now(),
            digest="",
        )
        events.append(event)
    TaskEvent.objects.bulk_create(events)
    now = timezone.now()
    Task.objects.bulk_create(
        Task(
            id=stream_id,
            organization=(globex if which % 4 == 3 else acme).organization,
            number=which + 1,
            title="Ring",
            creator=acme.alice,
            version=1,
            created_at=now,
            updated_at=now,
        )
        for which, stream_id in enumerate(streams)
    )
    codes = ["org", "org", "mentioned", "creator"]
    for event in events:
        if chance.random() < 0.9:
            state = chance.choice([*State, State.UNREAD, State.READ])
            notes.append(
                Notification(
                    recipient=acme.bob,
                    event=event,
                    organization_id=event.organization_id,
                    reason=chance.choice(codes),
                    state=state,
                    snoozed_until=timezone.now() if state == State.SNOOZED else None,
                )
            )
    Notification.objects.bulk_create(notes)
    return acme.bob


def plainly(user, asked):
    """Each stream once, at the newest row that is meant."""
    rows = Notification.objects.filter(recipient=user).select_related("event").order_by("-event_id")
    found = {}
    for row in rows:
        meant = (
            row.organization_id in asked.org_ids
            and row.state in asked.states
            and (asked.reasons is None or row.reason in asked.reasons)
            and (asked.streams is None or row.event.stream_id in asked.streams)
            and row.event.stream_id not in asked.not_streams
            and (asked.actors is None or row.event.actor_id in asked.actors)
            and (not asked.spans or any(lies_in(placed, row) for placed in asked.spans))
            and not any(lies_in(placed, row) for placed in asked.not_spans)
        )
        if meant:
            found.setdefault(row.event.stream_id, []).append(row)
    return found


def lies_in(placed, row):
    org_id, span = placed
    return (
        row.organization_id == org_id
        and row.event.position in range(span.first, span.last + 1)
        and span.number in (None, row.event.task_number)
        and (not span.reasons or row.reason in span.reasons)
    )


@pytest.mark.parametrize(
    ("look", "window", "size"), [(4, 1_000, 2), (4, 20, 2), (1_000, 1_000, 3), (4, 7, 50)]
)
def test_pages_show_each_thread_once_at_its_newest(filled, monkeypatch, look, window, size):
    for name, value in (("LOOK", look), ("WINDOW", window), ("CANDIDATES", 10)):
        monkeypatch.setattr(threads, name, value)
    for query in QUERIES:
        asked = wanted(Query.parse(query), org_inboxes(filled.pk))
        assert asked.faults == ()
        expected = {stream_id: rows[0].event_id for stream_id, rows in plainly(filled, asked).items()}
        assert paged(filled, asked, size) == sorted(expected.items(), key=lambda thread: -thread[1]), query


def paged(user, asked, size):
    """All threads, page by page."""
    found, page = [], page_of(user.pk, asked, limit=size)
    while True:
        assert len(page.threads) <= size
        found += page.threads
        if page.older is None:
            return found
        before = page.older
        page = page_of(user.pk, asked, before, limit=size)
        assert page.older is None or page.older < before


def test_rows_know_what_lies_underneath(filled, monkeypatch):
    strongest = list(reasons())
    for query, counted in product(QUERIES, (3, 100)):
        monkeypatch.setattr("inbox.thread_rows.COUNTED", counted)
        asked = wanted(Query.parse(query), org_inboxes(filled.pk))
        rows = thread_rows(filled.pk, asked, page_of(filled.pk, asked).threads)
        expected = plainly(filled, asked)
        assert {uuid.UUID(row.stream_id) for row in rows} == set(expected)
        for row in rows:
            told = expected[uuid.UUID(row.stream_id)][:counted]
            assert (row.event_id, row.count) == (told[0].event_id, len(told))
            news = [one for one in told if one.state == State.UNREAD] or told
            assert row.reason == min((one.reason for one in news), key=strongest.index)
            assert row.unread == sum(one.state == State.UNREAD for one in told)


def test_a_page_costs_about_the_same_whatever_it_is_filtered_by(filled, acme):
    client = signed_in(acme.bob)

    def cost(query):
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/inbox/", {"q": query}).status_code == 200
        return len(queries)

    plain = cost("")
    for query in ("is:unread", "is:done", "org:acme reason:mentioned", "-reason:org", "is:all"):
        assert cost(query) <= plain, query
    for query in (
        "from:carol",
        "task:ACME-3",
        "ring",
        '-"ring"',
        "is:all news:acme.301-317",
        "from:alice org:acme is:all ring -reason:org",
    ):
        assert cost(query) <= plain + 4, query
    assert plain <= 9
