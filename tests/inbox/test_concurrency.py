"""One user in many tabs at once."""

from threading import Event

import pytest
from django.db import connection

from base.transactions import write_transaction
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes, total_unread
from inbox.states import State
from tests.inbox.acts import mark_all_read, mark_read, undo
from tests.tasks.acme import Role, comment, found, new_task, signed_in
from tests.tasks.threads import at_once, meanwhile

pytestmark = pytest.mark.django_db(transaction=True)

TABS = 8


@pytest.fixture
def team(transactional_db):
    return found("acme", alice=Role.OWNER, bob=Role.MEMBER)


@pytest.fixture
def event_ids(team):
    task = new_task(team, actor=team.alice)
    return [comment(task, actor=team.alice).pk for _ in range(TABS)]


def test_the_newest_announcement_counts_what_every_mark_changed(team, event_ids, announcements):
    """Counts are absolute: whichever comes last, a tab that takes those of the highest revision has the right number.
    None of them is older than its own mark."""
    bob = team.bob.pk
    announcements.clear()
    results = at_once([lambda event_id=event_id: mark_read(bob, [event_id]) for event_id in event_ids])
    assert results == [1] * TABS
    frames = sorted((message["payload"] for _, message in announcements), key=lambda frame: frame["revision"])
    totals = [frame["unread"]["total"] for frame in frames]
    assert totals == sorted(totals, reverse=True)
    assert len({(frame["revision"], frame["unread"]["total"]) for frame in frames}) == len(set(totals))
    assert totals[-1] == total_unread(org_inboxes(bob)) == 1


def test_the_same_mark_from_every_tab_counts_once(team, event_ids, announcements):
    bob, up_to = team.bob.pk, {team.pk: event_ids[-1]}
    announcements.clear()
    results = at_once([lambda: mark_all_read(bob, up_to).changed for _ in range(TABS)])
    assert sorted(results) == [0] * (TABS - 1) + [TABS + 1]
    assert len(announcements) == 1


def test_undo_beside_marks_takes_back_only_its_own(team, event_ids):
    bob = team.bob.pk
    _, mark = mark_all_read(bob, {team.pk: event_ids[3]})
    at_once(
        [
            lambda: undo(bob, mark),
            *(lambda event_id=event_id: mark_read(bob, [event_id]) for event_id in event_ids[4:]),
        ]
    )
    assert unread(bob) == {event_ids[0] - 1, *event_ids[:4]}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: nothing commits late")
def test_what_commits_late_with_a_smaller_id_stays_unread(team):
    """Ids are in commit order within one organization only."""
    other = found("globex", gina=Role.OWNER, bob=Role.MEMBER)
    task, elsewhere = new_task(team, actor=team.alice), new_task(other, actor=other.gina)
    appended, shown = Event(), Event()

    def late():
        with write_transaction():
            event_id = comment(task, actor=team.alice).pk
            appended.set()
            assert shown.wait(30)
        return event_id

    bob = signed_in(team.bob)
    with meanwhile(late) as committing:
        try:
            assert appended.wait(30)
            newer = comment(elsewhere, actor=other.gina).pk
            seen = bob.get("/inbox/").context["seen"]
        finally:
            shown.set()
    late_id = committing.result()
    assert late_id < newer
    bob.post("/inbox/mark/", {"act": "read-all", "seen": seen})
    assert unread(team.bob.pk) == {late_id}
    bob.post("/inbox/mark/", {"act": "read-all", "up_to": newer})  # as a page of before an update says it
    assert unread(team.bob.pk) == {late_id}


def unread(user_id):
    rows = Notification.objects.filter(recipient=user_id, state=State.UNREAD)
    return set(rows.values_list("event_id", flat=True))
