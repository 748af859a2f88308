"""What is made from the log is made anew while a part of it goes to the archive."""

import pytest
from django.db import DatabaseError, connection

from base.transactions import write_transaction
from events.models import TaskEvent
from inbox.models import Notification
from inbox.rebuild import Inboxes
from inbox.rebuild_inbox import rebuild_inbox
from membership import archiving
from search import index
from tests.archive.cuts import all_taken, archive
from tests.audits import audit, no_bars
from tests.tasks.acme import new_task

pytestmark = pytest.mark.django_db


def test_a_rebuild_that_meets_a_cut_tells_of_nothing_that_left(log, tmp_path, monkeypatch):
    finish = Inboxes.finish

    def after_a_cut(inboxes):
        archive(tmp_path)
        return finish(inboxes)

    monkeypatch.setattr(Inboxes, "finish", after_a_cut)
    rebuild_inbox(None, no_bars)
    assert Notification.objects.exists()
    assert not Notification.objects.exclude(event__in=TaskEvent.objects.all()).exists()
    audit("--archive", str(tmp_path))


def test_what_an_inbox_got_before_the_lock_stays(log, acme, tmp_path, monkeypatch):
    """A rebuild adds it between the look for what is over and the lock."""
    done, *_ = log
    over_by = archiving.over_by

    def then_told(*place):
        found = over_by(*place)
        event = TaskEvent.objects.filter(stream_id=done.pk).latest("version")
        Notification.objects.create(
            recipient=acme.carol, event=event, organization=acme.organization, reason="mentioned"
        )
        return found

    monkeypatch.setattr(archiving, "over_by", then_told)
    archive(tmp_path)
    assert TaskEvent.objects.filter(stream_id=done.pk).count() == 3
    audit("--archive", str(tmp_path))


@pytest.mark.services  # one writer at a time is all that SQLite has
@pytest.mark.django_db(transaction=True)
def test_the_index_takes_nothing_while_events_leave(acme):
    """Else it makes entries of words that are gone a moment later, and nobody would forget those."""
    new_task(acme, actor=acme.alice)
    all_taken()
    other = connection.copy()
    with write_transaction():
        index.forget(acme.pk, [1])
        with pytest.raises(DatabaseError), other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM followers_cursor WHERE follower = 'search' FOR UPDATE NOWAIT")
    other.close()
