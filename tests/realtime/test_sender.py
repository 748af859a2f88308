"""One loop sends what any thread hands over, in order, and nobody waits for it."""

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis as Client
from redis.client import PubSub

from realtime import broadcast
from realtime.outbox import Outbox, Outgoing
from realtime.sender import Sender
from realtime.serving import sending
from servers import Redis
from tests.waiting import LIMIT, until, wait_until


def message(group: str, number: int = 0) -> Outgoing:
    return Outgoing(group, {"number": number}, "here", 1)


class Sent:
    """Takes what a sender sends; while `held`, it does not answer."""

    def __init__(self) -> None:
        self.held = False
        self.begun: list[tuple[str, int]] = []
        self.threads: set[threading.Thread] = set()

    async def __call__(self, outgoing: Outgoing) -> None:
        self.begun.append((outgoing.group, outgoing.told["number"]))
        self.threads.add(threading.current_thread())
        await until(lambda: not self.held, "it may answer")

    def of(self, group: str) -> list[int]:
        return [number for other, number in self.begun if other == group]


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def sender(sent):
    sender = Sender(sent, Outbox(messages=1000))
    yield sender
    sent.held = False
    sender.end()


def test_each_thread_is_sent_in_its_order_by_one_thread_for_all(sender, sent):
    def hand_over(group: str) -> None:
        for number in range(100):
            sender.hand_over(message(group, number))

    groups = [f"org-{number}" for number in range(8)]
    with ThreadPoolExecutor(len(groups)) as pool:
        list(pool.map(hand_over, groups))
    assert sender.flush(LIMIT)
    assert {group: sent.of(group) for group in groups} == {group: list(range(100)) for group in groups}
    assert [thread.name for thread in sent.threads] == ["announcements"]


def test_nobody_waits_and_what_is_too_much_is_dropped_and_told_once(sender, sent, caplog):
    sent.held = True
    sender.hand_over(message("org-1", -1))
    wait_until(lambda: sent.begun, "the first is on its way")
    for number in range(1500):
        sender.hand_over(message("org-1", number))
    assert sent.of("org-1") == [-1]
    assert not sender.flush(0)
    sent.held = False
    assert sender.flush(LIMIT)
    assert sent.of("org-1") == [-1, *range(500, 1500)]
    assert caplog.text.count("the oldest is dropped") == 1


async def test_where_the_process_serves_its_loop_sends(sender, sent):
    sender.serve_on(asyncio.get_running_loop())
    await asyncio.to_thread(sender.hand_over, message("org-1"))
    await until(lambda: sent.begun, "it is sent")
    assert sent.threads == {threading.current_thread()}


def test_a_loop_that_closes_loses_what_waits_and_another_one_goes_on(sender, sent):
    async def serve() -> None:
        sender.serve_on(asyncio.get_running_loop())
        sent.held = True
        for number in (1, 2):
            sender.hand_over(message("org-1", number))
        await until(lambda: sent.begun, "the first is on its way")

    asyncio.run(serve())
    sent.held = False
    assert sender.flush(0)
    sender.hand_over(message("org-1", 3))
    assert sender.flush(LIMIT)
    assert sent.of("org-1") == [1, 3]
    assert threading.current_thread() in sent.threads
    assert len(sent.threads) == 2


def test_a_loop_that_stands_still_holds_up_nobody(sender, sent):
    """As that of `async_to_sync`, or of a script that runs one call after the other."""
    with asyncio.Runner() as runner:

        async def hand_over() -> None:
            sender.hand_over(message("org-1", 1))

        sent.held = True
        runner.run(hand_over())
        sent.held = False
        sender.hand_over(message("org-1", 2))
        assert sender.flush(LIMIT)
    assert sent.of("org-1")[-1] == 2


async def test_a_server_sends_what_it_announced_before_it_says_that_it_stopped(monkeypatch, sent):
    sender = Sender(sent)
    monkeypatch.setattr("realtime.serving.sender", sender)
    said = []

    async def inner(scope, receive, send) -> None:
        await asyncio.to_thread(sender.hand_over, message("org-1", 1))
        await asyncio.to_thread(sender.hand_over, message("org-1", 2))
        await send({"type": "lifespan.shutdown.complete"})

    async def send(message) -> None:
        said.append((message["type"], sent.of("org-1")))

    await sending(inner)({}, None, send)
    assert said == [("lifespan.shutdown.complete", [1, 2])]


def test_what_is_handed_over_after_the_end_is_lost_and_no_thread_stays(sent):
    sender = Sender(sent)
    sender.hand_over(message("org-1", 1))
    assert sender.flush(LIMIT)
    (thread,) = sent.threads
    sender.end()
    assert not thread.is_alive()
    sender.hand_over(message("org-1", 2))
    assert sender.flush(0)
    assert sent.of("org-1") == [1]


FORKING = """
import asyncio, os, sys
from realtime import sender as module
from realtime.outbox import Outgoing
from realtime.sender import Sender, keep

module.GOODBYE = 60  # the machine may be busy

async def send(outgoing):
    await hold.wait() if outgoing.group == "held" else None
    os.write(1, f"{outgoing.group} {os.getpid() == parent}\\n".encode())

parent, hold = os.getpid(), asyncio.Event()
sender = Sender(send)
keep(sender)
for group in ("held", "waiting"):
    sender.hand_over(Outgoing(group, {}, None, 1))
if child := os.fork():
    os.waitpid(child, 0)
    sender._own[0].call_soon_threadsafe(hold.set)
else:
    sender.hand_over(Outgoing("child", {}, None, 1))
"""


def test_a_child_process_has_a_sender_of_its_own_and_sends_at_its_end():
    run = [sys.executable, "-W", "ignore", "-c", FORKING]
    lines = subprocess.run(run, capture_output=True, text=True, check=True, timeout=2 * LIMIT).stdout.split(
        "\n"
    )
    assert lines == ["child False", "held True", "waiting True", ""]


# --- The layer ------------------------------------------------------------------------------------------------


class Frozen:
    """A layer that takes a message and does not answer until it is thawed."""

    def __init__(self) -> None:
        self.tries, self.thawed = 0, False

    async def group_send(self, *_) -> None:
        self.tries += 1
        await until(lambda: self.thawed, "it is thawed")


@pytest.fixture
def frozen(monkeypatch):
    assert broadcast.sender.flush(LIMIT)
    layer = Frozen()
    monkeypatch.setattr(broadcast, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(broadcast, "PAUSE", 2 * LIMIT)
    monkeypatch.setattr(broadcast, "_away_until", 0.0)
    yield layer
    layer.thawed = True
    assert broadcast.sender.flush(LIMIT)


def test_no_command_waits_for_a_layer_that_hangs(world, frozen, monkeypatch):
    monkeypatch.setattr(broadcast, "TIMEOUT", 2 * LIMIT)
    world.write(3)
    wait_until(lambda: frozen.tries, "the first is on its way")
    assert frozen.tries == 1
    frozen.thawed = True
    assert broadcast.sender.flush(LIMIT)
    assert frozen.tries == 3


def test_a_layer_that_hangs_is_given_up_and_left_alone(world, frozen, caplog):
    assert broadcast.TIMEOUT == 0.5
    for _ in range(2):
        world.write(3)
        assert broadcast.sender.flush(LIMIT)
    assert frozen.tries == 1
    assert caplog.text.count("is away: no answer within 0.5 s") == 1


async def test_who_awaits_waits_half_a_second_for_one_message_and_then_for_none(frozen, caplog):
    async with asyncio.timeout(LIMIT):
        for _ in range(3):
            await broadcast.abroadcast_org_event(org_id=1, payload={})
    assert frozen.tries == 1
    assert caplog.text.count("is away: no answer within 0.5 s") == 1


SCRIPT = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from orgs.models import User
from realtime import broadcast, sender
from tasks.commands import CommentOnTask
from tasks.services import execute

broadcast.TIMEOUT = sender.GOODBYE = 60  # the machine may be busy
task_id, actor = sys.argv[1:]
for _ in range(20):
    (event,) = execute(CommentOnTask(task_id=task_id, text="ding"), actor=User.objects.get(username=actor))
for _ in range(180):
    broadcast.broadcast_org_event(org_id=event.organization_id, payload={})
"""


@pytest.mark.second
def test_a_script_of_many_commands_has_one_connection_and_its_end_loses_nothing(
    world, server_environment, tmp_path
):
    with Redis(tmp_path) as redis, Client.from_url(redis.url) as client:
        subscription = client.pubsub(ignore_subscribe_messages=True)
        subscription.subscribe(f"asgi__group__org-{world.org.pk}")
        subscription.get_message(timeout=LIMIT)
        before = client.info("stats")["total_connections_received"]
        environment = server_environment | {"REDIS_URL": redis.url.replace("127.0.0.1", "localhost")}
        run_script(SCRIPT, str(world.task_id), "alice", **environment)
        assert client.info("stats")["total_connections_received"] == before + 1
        assert heard(subscription) == 200


def heard(subscription: PubSub) -> int:
    """Count what has come: whatever was published has, when its publisher has its answer."""
    return sum(1 for _ in iter(lambda: subscription.get_message(timeout=0.1), None))


def run_script(script: str, *arguments: str, **environment: str) -> None:
    subprocess.run([sys.executable, "-c", script, *arguments], env=environment, check=True, timeout=2 * LIMIT)
