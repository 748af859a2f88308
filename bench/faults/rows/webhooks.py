"""Rows in which a receiver of webhooks is away, or slow."""

import itertools
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from django.utils import timezone

from bench.faults.row import row
from bench.faults.scene import Scene
from bench.faults.stage import Stage
from events.models import LogHead, TaskEvent
from servers.receiver import Got, Receiver, Said
from webhooks import secrets_kept
from webhooks.models import Webhook

NAIVE = "what posts after a commit loses what nobody takes, and what posts before it waits with the receiver"
AFTERWARDS = 90.0  # seconds: a receiver that was away is tried again that soon, and a lease has ended
SLOWNESS = 2.0  # seconds that a slow receiver takes for each
SLOW = 5  # of them: more than a process has threads for receivers that answer quickly
SOON = 5.0  # seconds in which what is quick is there, on a machine that is busy with the row


@contextmanager
def with_receivers(stage: Stage) -> Iterator[Stage]:
    """The servers may post to this machine."""
    yield replace(stage, of_servers={**stage.of_servers, "OUTBOUND_LOOPBACK": "1"})


class Hook:
    """A webhook of the first organization, from now on, and what is expected of it."""

    def __init__(self, scene: Scene, receiver: Receiver, name: str) -> None:
        self._scene, self._receiver = scene, receiver
        head = LogHead.objects.get(pk=scene.world.organizations[0].pk)
        made = Webhook.objects.create(  # as rows: of what is made by hand not all sockets are told
            organization=scene.world.organizations[0],
            number=Webhook.objects.filter(organization=head.pk).count() + 1,
            stream_id=uuid.uuid4(),
            name=name,
            address=receiver.address,
            created_by=scene.world.actor,
            position=head.position,
            digest=head.digest,
            sent_position=head.position,
        )
        secrets_kept.make(made, timezone.now())
        self._pk, self._began = made.pk, made.position

    def expect_everything(self, repeats: int = 0) -> None:
        """Everything once by its id and in order, whatever was sent again."""
        scene = self._scene
        scene.wait_until(self._is_at_head, "the webhook is at the log's head", AFTERWARDS)
        org_id = scene.world.organizations[0].pk
        beyond = TaskEvent.objects.filter(organization=org_id, position__gt=self._began)
        wanted = list(beyond.order_by("position").values_list("position", flat=True))
        once: dict[str, Got] = {}
        for got in list(self._receiver.taken):
            once.setdefault(got.id, got)
        messages = [got.message for got in once.values()]
        positions = [message["position"] for message in messages]
        again = len(self._receiver.taken) - len(once)
        scene.expect(
            positions == wanted, f"each event comes, in order ({len(positions)} of {len(wanted)} came)"
        )
        follows = all(a["position"] == b["previous"] for a, b in itertools.pairwise(messages))
        scene.expect(follows, "each says which came before it")
        scene.expect(again <= repeats, f"at most {repeats} came again, under their ids ({again} did)")
        scene.note(f"{len(once)} events, {again} of them again")

    def slowest(self) -> float:
        """How long an event waited at most, from its moment to the receiver."""
        org_id = self._scene.world.organizations[0].pk
        moments = dict(TaskEvent.objects.filter(organization=org_id).values_list("position", "created_at"))
        taken = [(got.at, got.message["position"]) for got in self._receiver.taken]
        return max((at - moments[position].timestamp() for at, position in taken), default=0.0)

    def _is_at_head(self) -> bool:
        hook = Webhook.objects.get(pk=self._pk)
        return hook.position == LogHead.objects.get(pk=hook.organization_id).position


@row(
    fault="a webhook's receiver is away for most of a burst; meanwhile the hints' carrier is killed, and a server that "
    "sends, and both come back",
    expected="afterwards the receiver has everything, once by its id and in order; another receiver too",
    naive=NAIVE,
    hurts_naive=False,
    sockets=(20, 10),
    set_up=with_receivers,
)
def receiver_away(scene: Scene) -> None:
    if scene.is_naive:
        return
    with Receiver() as away, Receiver() as there:
        hooks = [Hook(scene, away, "Away"), Hook(scene, there, "There")]
        with scene.writing_unhindered():
            scene.wait(scene.seconds / 8)
            away.stop()
            scene.wait(scene.seconds / 4)
            scene.stage.redis.kill()
            scene.servers[0].kill()
            scene.wait(scene.seconds / 8)
            scene.stage.redis.start()
            scene.servers[0].start()
            scene.wait(scene.seconds / 4)
            away.start()
            scene.wait(scene.seconds / 8)
        for hook in hooks:
            hook.expect_everything(repeats=1)


@row(
    fault=f"{SLOW} receivers of webhooks that take {SLOWNESS:g} s for each event",
    expected=f"what another receiver and the sockets get comes within {SOON:g} s; a slow one has everything in the end",
    naive=NAIVE,
    hurts_naive=False,
    sockets=(20, 10),
    set_up=with_receivers,
)
def receiver_slow(scene: Scene) -> None:
    if scene.is_naive:
        return
    with ExitStack() as stack:
        slow = [stack.enter_context(Receiver()) for _ in range(SLOW)]
        quick = stack.enter_context(Receiver())
        for each in slow:
            each.says = _slowly
        waiting = [Hook(scene, each, f"Slow {number}") for number, each in enumerate(slow)]
        hook = Hook(scene, quick, "Quick")
        began = time.monotonic()
        with scene.writing_unhindered(rate=8.0):
            scene.wait(scene.seconds)
        scene.expect_caught_up(began, SOON)
        hook.expect_everything()
        slowest = hook.slowest()
        scene.expect(
            slowest <= SOON, f"a quick receiver has each within {SOON:g} s (one took {slowest:.1f} s)"
        )
        scene.note(f"the quick receiver’s slowest {slowest:.1f} s")
        for each in slow:
            each.says = lambda _: Said()
        for each_hook in waiting:
            each_hook.expect_everything()


def _slowly(_: Got) -> Said:
    time.sleep(SLOWNESS)
    return Said()
