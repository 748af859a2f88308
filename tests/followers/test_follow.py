"""`manage.py follow` and the followers inside a server, as processes."""

import datetime as dt
import math
import os
import re
import signal
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils import timezone

from events.models import LogHead
from followers.batches import lease_of
from followers.leases import Leases
from followers.models import Cursor, Lease
from inbox import marks
from inbox.models import Notification
from inbox.states import Act, State
from search import index
from search.follower import SearchFollower
from tasks import commands
from tests.conftest import TRACEBACK
from tests.followers.taking import take_all
from tests.tasks.acme import carry_out, comment, new_task
from tests.waiting import wait_until


def is_taken(team):
    return Cursor.objects.filter(
        follower=index.NAME, position=LogHead.objects.get(pk=team.pk).position
    ).exists()


@pytest.mark.django_db
class TestStatus:
    @pytest.fixture(autouse=True)
    def at_once(self, monkeypatch):
        monkeypatch.setattr("config.management.commands.follow.SAMPLE", 0.0)

    def test_all_is_taken(self, acme, capsys):
        new_task(acme, actor=acme.alice)
        take_all(SearchFollower())
        call_command("follow", status=True)
        assert capsys.readouterr().out.startswith("search: 1 logs, all taken\n")

    def test_a_little_behind_is_no_alarm(self, acme, capsys):
        new_task(acme, actor=acme.alice)
        call_command("follow", status=True)
        assert "search: 1 logs, 1 behind, by up to 1 events, the oldest for" in capsys.readouterr().out

    def test_progress_is_told_of_who_is_behind(self, acme, globex, capsys, monkeypatch):
        """The other log is taken while it looks."""
        new_task(acme, actor=acme.alice)
        take_all(SearchFollower())
        new_task(acme, actor=acme.alice)
        monkeypatch.setattr("followers.progress.time.sleep", lambda _: take_all(SearchFollower()))
        new_task(globex, actor=globex.gina)
        before = LogHead.objects.aggregate(all=Sum("position"))["all"]
        call_command("follow", status=True)
        said = re.search(
            r"search: ([\d.]+)% of (\d+) events taken, ([\d,]+) a second", capsys.readouterr().out
        )
        assert said
        assert (float(said[1]), int(said[2])) == (100.0, before)

    def test_work_that_stands_still_is_told(self, acme, capsys):
        new_task(acme, actor=acme.alice)
        call_command("follow", status=True)
        assert "search: 0.0% of 1 events taken, and none meanwhile" in capsys.readouterr().out

    def test_behind_for_long_is_an_exit_code(self, acme, globex, capsys):
        long_ago = timezone.now() - dt.timedelta(minutes=5)
        task = new_task(acme, actor=acme.alice)
        take_all(SearchFollower())
        carry_out(commands.CommentOnTask(task_id=task.pk, text="old"), actor=acme.bob, now=long_ago)
        new_task(globex, actor=globex.gina)
        with pytest.raises(SystemExit) as ended:
            call_command("follow", status=True)
        assert ended.value.code == 1
        said = re.match(
            r"search: 2 logs, 2 behind, by up to 1 events, the oldest for (\d+) s\n", capsys.readouterr().out
        )
        assert said
        assert 300 <= int(said[1]) <= math.ceil((timezone.now() - long_ago).total_seconds())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_follows_until_it_is_told_to_stop(acme, transactional_db, server_environment, number):
    task = new_task(acme, actor=acme.alice)
    with subprocess.Popen(
        [sys.executable, "manage.py", "follow"],
        env=os.environ
        | server_environment
        | {"DJANGO_SETTINGS_MODULE": "config.settings", "POLL_SECONDS": "0.1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            wait_until(lambda: is_taken(acme), "what was there")
            comment(task, "later", actor=acme.bob)
            wait_until(lambda: is_taken(acme), "what came later")
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, TRACEBACK in err) == (0, False)
    assert "Following the logs: search, mail, push." in out
    assert not Lease.objects.filter(until__gt=timezone.now()).exists()


def test_a_server_follows_inside_wakes_what_is_due_and_stops_with_it(acme, start_server):
    new_task(acme, actor=acme.alice)
    event = Notification.objects.get(recipient=acme.bob).event
    moment = timezone.now() + dt.timedelta(seconds=1)
    assert marks.mark(acme.bob.pk, Act.SNOOZE, [event.pk], until=moment).changed
    server = start_server(FOLLOW="1")
    wait_until(lambda: is_taken(acme), "the server's own followers")
    bobs = Notification.objects.filter(recipient=acme.bob, state=State.UNREAD)
    wait_until(bobs.exists, "the notification to come back")
    server.stop()
    assert TRACEBACK not in server.log
    assert Leases().take(lease_of(SearchFollower(), acme.pk))


@pytest.mark.parametrize("status, code", [(False, 1), (True, 2)])
def test_a_start_that_fails_ends_as_that_of_serve(status, code, monkeypatch):
    def refused(_):
        raise CommandError("The database is not up to date.")

    monkeypatch.setattr("base.schema_release.require", refused)
    with pytest.raises(CommandError) as error:
        call_command("follow", status=status)
    assert error.value.returncode == code
