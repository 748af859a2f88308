"""The oldest part of a log goes to files, and everything still verifies."""

import gzip

import pytest
from django.core.management import CommandError, call_command

from events.models import ArchivedStream, TaskEvent
from followers.batches import begin_at_heads
from events.models import LogHead
from followers.models import Cursor
from followers.register import FOLLOWERS
from inbox.models import Notification
from membership import archiving
from tasks.models import Task
from tests.audits import audit, audit_json
from tests.tasks.acme import comment, describe, move, new_task
from tests.tasks.invariants import assert_the_fold_is_the_row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def all_may_go(monkeypatch):
    monkeypatch.setattr(archiving, "STAYING", 0)


def all_taken():
    Cursor.objects.all().delete()
    for name in FOLLOWERS:
        begin_at_heads(name, LogHead.objects.all())


def all_read():
    Notification.objects.all().delete()


@pytest.fixture
def log(acme):
    """1 to 4: a task that is done. 5: one that goes on. 6, 7: one that is cancelled. 8: the first goes on."""
    done = new_task(acme, actor=acme.alice, description="The old words of alice")
    comment(done, "Hm, says bob.", actor=acme.bob)
    open_one = new_task(acme, actor=acme.alice, title="Paint it")
    move(done, "done", actor=acme.alice)
    cancelled = new_task(acme, actor=acme.bob, title="Not this")
    move(cancelled, "cancelled", actor=acme.bob)
    comment(open_one, "Still.", actor=acme.bob)
    comment(open_one, "Yes, still.", actor=acme.alice)
    all_taken()
    all_read()
    return done, open_one, cancelled


def archive(tmp_path, upto=7, **options):
    call_command("archive_log", org="acme", upto=upto, to=str(tmp_path), **options)


def test_what_is_over_leaves_and_all_verifies(log, tmp_path, capsys):
    done, open_one, cancelled = log
    archive(tmp_path)
    assert "2 finished tasks with 5 events have left the database" in capsys.readouterr().out
    assert list(TaskEvent.objects.order_by("position").values_list("position", flat=True)) == [3, 7, 8, 9]
    audit()
    audit("--archive", str(tmp_path))
    assert_the_fold_is_the_row(open_one.pk)
    call_command("rebuild_tasks")
    assert "0 changed, 0 added, 0 removed" in capsys.readouterr().out
    assert Task.objects.count() == 3
