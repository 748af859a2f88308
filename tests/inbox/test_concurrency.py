"""One user in many tabs at once."""

import pytest

from inbox.models import Notification
from inbox.services import mark_all_read, mark_read, undo_all_read
from inbox.standing import standings, total_unread
from tests.tasks.acme import Role, comment, found, new_task
from tests.tasks.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

TABS = 8


@pytest.fixture
def team(transactional_db):
    return found("acme", alice=Role.OWNER, bob=Role.MEMBER)


@pytest.fixture
def event_ids(team):
    task = new_task(team, actor=team.alice)
    return [comment(task, actor=team.alice).pk for _ in range(TABS)]


def test_each_announcement_counts_what_every_earlier_one_changed(team, event_ids, announcements):
    """Counts are absolute: two that each missed the other would leave every tab with a wrong number for good."""
    bob = team.bob.pk
    announcements.clear()
    results = at_once([lambda event_id=event_id: mark_read(bob, [event_id]) for event_id in event_ids])
    assert results == [1] * TABS
    totals = [message["payload"]["unread"]["total"] for _, message in announcements]
    assert sorted(totals) == list(range(1, TABS + 1))
    assert total_unread(standings(bob)) == 1


def test_the_same_mark_from_every_tab_counts_once(team, event_ids, announcements):
    bob = team.bob.pk
    announcements.clear()
    results = at_once([lambda: mark_all_read(bob, up_to=event_ids[-1])[0] for _ in range(TABS)])
    assert sorted(results) == [0] * (TABS - 1) + [TABS + 1]
    assert len(announcements) == 1


def test_undo_beside_marks_takes_back_only_its_own(team, event_ids):
    bob = team.bob.pk
    _, moment = mark_all_read(bob, up_to=event_ids[3])
    at_once(
        [
            lambda: undo_all_read(bob, read_at=moment),
            *(lambda event_id=event_id: mark_read(bob, [event_id]) for event_id in event_ids[4:]),
        ]
    )
    unread = Notification.objects.filter(recipient=bob, read_at=None)
    assert set(unread.values_list("event_id", flat=True)) == {event_ids[0] - 1, *event_ids[:4]}
