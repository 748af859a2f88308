"""The inbox as it was at a moment, against what it was."""

import datetime as dt
import random

import pytest
from django.utils import timezone

from inbox import marks
from inbox.as_of import as_of, unknown_rows
from inbox.models import Notification
from inbox.one_by_one import page_at, page_of
from inbox.snoozed import wake_snoozed
from inbox.states import Act, State
from inbox.wanted import Wanted
from tests.tasks.acme import comment, new_task

pytestmark = [pytest.mark.django_db, pytest.mark.first]

EVERYTHING = frozenset(State)


def test_what_is_told_was_so_whatever_was_done(acme):
    """With nothing undone: each state that is told is the one that the notification had, and no other is told."""
    chance, user_id, until = random.Random(14), acme.bob.pk, timezone.now() + dt.timedelta(days=1)
    task = new_task(acme, actor=acme.alice)
    told = [comment(task, actor=acme.alice).pk for _ in range(5)]
    history = [(timezone.now(), _states(user_id))]
    for step in range(16):
        act = chance.choice(list(Act))
        snoozed_until = until if act is Act.SNOOZE else None
        marks.mark(user_id, act, chance.sample(told, 2), until=snoozed_until)
        if step == 9:
            wake_snoozed(until)
            comment(task, actor=acme.alice)
        history.append((timezone.now(), _states(user_id)))
    known = 0
    for moment, states in history:
        then, wanted = as_of(moment, [acme.pk]), Wanted((acme.pk,), EVERYTHING)
        said = {each.event_id: each.state for each in page_at(user_id, wanted, then, None, 99).told}
        assert said.keys() == states.keys()
        assert all(state in (None, states[event_id]) for event_id, state in said.items())
        assert unknown_rows(user_id, wanted, then) == sum(state is None for state in said.values())
        for asked in (State.UNREAD, State.DONE):
            page = page_at(user_id, wanted._replace(states=frozenset({asked})), then, None, 99)
            assert [each.event_id for each in page.told] == [
                event_id for event_id, state in said.items() if state is asked
            ]
        known += sum(state is not None for state in said.values())
    assert said == history[-1][1]
    assert known > 40
    today = page_of(user_id, wanted, None, 99)
    assert page_at(user_id, wanted, as_of(timezone.now(), [acme.pk]), None, 99) == today


def _states(user_id):
    rows = Notification.objects.filter(recipient=user_id).values_list("event_id", "state")
    return {event_id: State(state) for event_id, state in rows}
