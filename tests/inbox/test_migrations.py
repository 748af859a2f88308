"""An inbox of an older release goes on: what was read is read, and what a page offers to undo can be undone."""

import datetime as dt

import pytest
from django.utils import timezone

from inbox import marks
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes
from inbox.revisions import revision_at
from inbox.states import State
from tests.inbox.acts import mark_read, mark_unread
from tests.migrating import latest, migrated
from tests.tasks.acme import comment, new_task


@pytest.mark.first
@pytest.mark.django_db(transaction=True)
def test_what_an_older_release_marked(acme):
    task = new_task(acme, actor=acme.alice)
    last = [comment(task, actor=acme.alice).pk for _ in range(3)][-1]
    now = timezone.now()
    moments = [None, now - dt.timedelta(days=9), now, now]
    try:
        old = migrated([("inbox", "0002_marks_by_position")]).get_model("inbox", "Notification").objects
        ids = list(
            old.filter(recipient_id=acme.bob.pk).order_by("event_id").values_list("event_id", flat=True)
        )
        for event_id, moment in zip(ids, moments, strict=True):
            old.filter(recipient_id=acme.bob.pk, event_id=event_id).update(read_at=moment)
    finally:
        latest()
    rows = Notification.objects.filter(recipient=acme.bob).order_by("event_id")
    assert [State(row.state) for row in rows] == [State.UNREAD, *[State.READ] * 3]
    assert [row.read_at for row in rows] == moments
    assert set(Notification.objects.exclude(recipient=acme.bob).values_list("state")) == {(State.UNREAD,)}
    assert marks.undo(acme.bob.pk, revision_at(moments[1])) == 0
    assert marks.undo(acme.bob.pk, revision_at(now)) == 2
    assert org_inboxes(acme.bob.pk)[0].unread == 3
    assert mark_read(acme.bob.pk, [last]) == 1
    comment(task, actor=acme.alice)
    assert org_inboxes(acme.bob.pk)[0].unread == 3


@pytest.mark.first
@pytest.mark.django_db(transaction=True)
def test_an_older_release_can_be_gone_back_to(acme):
    new_task(acme, actor=acme.alice)
    (event_id,) = Notification.objects.filter(recipient=acme.bob).values_list("event_id", flat=True)
    for user in (acme.bob, acme.carol):
        mark_read(user.pk, [event_id])
    mark_unread(acme.bob.pk, [event_id])
    try:
        old = migrated([("inbox", "0002_marks_by_position")]).get_model("inbox", "Notification").objects
        unread = old.filter(read_at=None).values_list("recipient_id", flat=True)
        assert set(unread) == {acme.bob.pk, acme.vera.pk}
    finally:
        latest()
