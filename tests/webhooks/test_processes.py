"""Processes that post for one installation: whoever dies in the midst of a post takes nothing along."""

import threading
from contextlib import ExitStack

import pytest
from django.utils import timezone

from bench.faults.rows.followers import FollowProcess
from events.models import LogHead
from servers.receiver import Said
from tests.tasks.acme import comment, new_task
from tests.waiting import wait_until
from webhooks.claiming import LEASE
from webhooks.models import Webhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.second]

EVENTS = 40


@pytest.fixture
def processes(server_environment, tmp_path):
    """Two, by their process ids."""
    own = server_environment | {"FOLLOW": "1", "OUTBOUND_LOOPBACK": "1"}
    with ExitStack() as stack:
        found = [FollowProcess(tmp_path / name, own) for name in ("one", "two")]
        for process in found:
            process.directory.mkdir()
            stack.enter_context(process)
        yield {process.pid: process for process in found}


def test_one_that_is_killed_in_the_midst_of_a_post_leaves_no_hole(acme, receiver, hook, processes):
    began, killed = LogHead.objects.get(pk=acme.pk).position, threading.Event()
    in_midst = threading.Event()

    def says(got):
        if len(receiver.got) == EVENTS // 2:
            in_midst.set()
            assert killed.wait(60)
        return Said()

    receiver.says = says
    task = new_task(acme, actor=acme.alice)
    for number in range(EVENTS):
        comment(task, f"Comment {number}.", actor=acme.bob)
    assert in_midst.wait(60)
    posted_by = int(Webhook.objects.get().leased_by.split(":")[1])
    processes[posted_by].kill()
    comment(task, "Meanwhile.", actor=acme.bob)
    killed.set()
    Webhook.objects.filter(leased_until__isnull=False).update(leased_until=timezone.now() - LEASE)
    head = LogHead.objects.get(pk=acme.pk).position
    wait_until(lambda: head in receiver.positions, "the other goes on")
    wait_until(lambda: Webhook.objects.get().leased_until is None, "it lets go of it")
    first = dict.fromkeys(got.id for got in receiver.taken)
    positions = {got.id: got.message["position"] for got in receiver.taken}
    assert [positions[each] for each in first] == list(range(began + 1, head + 1))
    assert len(receiver.taken) == len(first) + 1, "the one that was under way came twice, under the same id"
    assert [process.is_running for pid, process in processes.items() if pid != posted_by] == [True]
