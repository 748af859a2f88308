"""Replay and live are one sequence, whatever happens when: writes at every point, hints lost, doubled, swapped."""

import asyncio
import itertools
import os
import random

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection, connections

from inbox import replay_pieces
from membership.services import change_level
from orgs.models import Membership
from realtime import consumers, hub, polling, reads
from realtime.wire import SendWire, wire_of
from tests.realtime.sockets import opened, org_path, session_cookie, user_path
from tests.waiting import until

# Each with its own seed. Fewer where writers take turns anyhow: there the fault matrix runs many more.
SCHEDULES = int(os.environ.get("SCHEDULES", "40" if connection.vendor == "postgresql" else "16"))


async def in_another_thread(function, *args):
    """`database_sync_to_async` would do, but channels' test client keeps it from closing connections."""

    def call():
        try:
            function(*args)
        finally:
            connections.close_all()

    await asyncio.to_thread(call)


class Points:
    """Writes in between: wraps the steps of a connection, and before and after each may append an event."""

    def __init__(self, monkeypatch, write, chance: random.Random) -> None:
        self._write, self.chance, self.budget = write, chance, 12
        self.running = 0  # writes under way, or about to be
        for owner, name in (
            (reads, "connect"),
            (reads, "tail"),
            (reads, "heads"),
            (replay_pieces, "read_on"),
        ):
            monkeypatch.setattr(owner, name, self.around_read(getattr(owner, name)))
        for owner, name in (
            (hub.Hub, "settle"),
            (SendWire, "drained"),
            (consumers.NotificationsConsumer, "accept"),
        ):
            monkeypatch.setattr(owner, name, self.around_step(getattr(owner, name)))
        # Each frame's `send`, too: it then has to wait, so the socket pauses and resumes all the time.
        monkeypatch.setattr(
            consumers,
            "wire_of",
            lambda scope, receive, send: wire_of(scope, receive, self.around_step(send)),
        )

    def write(self) -> None:
        try:
            self._write()
        finally:
            self.running -= 1

    def perhaps(self) -> bool:
        if self.budget and self.chance.random() < 0.4:
            self.budget -= 1
            self.running += 1
            return True
        return False

    def around_read(self, read):
        def wrapped(*args):
            if self.perhaps():
                self.write()
            found = read(*args)
            if self.perhaps():
                self.write()
            return found

        return wrapped

    def around_step(self, step):
        async def wrapped(*args, **kwargs):
            if self.perhaps():
                await in_another_thread(self.write)
            await step(*args, **kwargs)
            if self.perhaps():
                await in_another_thread(self.write)

        return wrapped


class Gossip:
    """A channel layer that loses, repeats and swaps hints."""

    def __init__(self, monkeypatch, chance: random.Random) -> None:
        self.layer, self.chance, self.held = get_channel_layer(), chance, []
        self.send = self.layer.group_send
        monkeypatch.setattr(self.layer, "group_send", self.group_send, raising=False)

    async def group_send(self, group, message):
        held, self.held = self.held, []
        match self.chance.choice(["pass", "pass", "lose", "repeat", "hold"]):
            case "pass":
                await self.send(group, message)
            case "repeat":
                await self.send(group, message)
                await self.send(group, message)
            case "hold":
                self.held.append((group, message))
        for earlier in held:
            await self.send(*earlier)


async def positions_until(socket, last: int) -> list[int]:
    positions = []
    while not positions or positions[-1] < last:
        frame = await socket.frame()
        if frame["type"] in ("task_event", "event"):
            positions.append(frame["position"])
    return positions


@pytest.mark.parametrize(
    ("path", "faulty"),
    [(org_path, False), (org_path, True), (user_path, True)],
    ids=["org-honest layer", "org-lying layer", "user-lying layer"],
)
async def test_writes_at_every_point_between_read_and_live_come_once_and_in_order(
    world, monkeypatch, path, faulty
):
    monkeypatch.setattr(settings, "POLL_SECONDS", 0.05)
    slug = ("acme",) if path is org_path else ()
    cookie = await sync_to_async(session_cookie)(world.bob)
    first = (await sync_to_async(world.write)())[0]
    cursor = f"{world.org.pk}.{first.position}.{first.digest[:8]}"
    for seed in range(SCHEDULES // 4):
        last = await one_schedule(world, monkeypatch, path(*slug, cursor), cookie, seed, faulty)
        cursor = f"{world.org.pk}.{last.position}.{last.digest[:8]}"


async def one_schedule(world, monkeypatch, path, cookie, seed, faulty):
    """Returns the last event. The client resumes at the position before this schedule's first event. Every third write
    is a save of three events, of which a user's socket is told with the last."""
    written, turns = [], itertools.count(1)

    def write():
        written.extend(world.save() if next(turns) % 3 == 0 else world.write())

    with monkeypatch.context() as patch:
        chance = random.Random(seed)
        if faulty:
            Gossip(patch, chance)
        points = Points(patch, write, chance)
        if seed % 2:  # what was missed comes one event at a time
            patch.setattr(replay_pieces, "PIECE", 1)
            for _ in range(3):
                await sync_to_async(write)()
        async with opened(path, cookie) as socket:
            assert (await socket.frame())["replay"]["mode"] == "resume"
            seen = []
            while points.budget:
                await sync_to_async(write)()
                seen += await positions_until(socket, written[-1].position)
            points.budget = 0
            await sync_to_async(write)()
            await until(lambda: not points.running, "what was begun before the budget ended is written")
            seen += await positions_until(socket, max(event.position for event in written))
            assert await socket.receive_nothing(0.2)
    positions = {event.position: event.parts for event in written}
    expected = (
        sorted(positions) if "/orgs/" in path else sorted(at for at, parts in positions.items() if parts)
    )
    assert seen == expected, f"seed {seed}"
    assert sorted(positions) == list(range(min(positions), max(positions) + 1))
    return max(written, key=lambda event: event.position)


async def test_a_burst_reaches_every_socket_whole(world):
    cookie = await sync_to_async(session_cookie)(world.bob)
    first = (await sync_to_async(world.write)())[0]
    cursor = f"{world.org.pk}.{first.position}.{first.digest[:8]}"
    async with (
        opened(org_path("acme", cursor), cookie) as one,
        opened(org_path("acme", cursor), cookie) as two,
        opened(user_path(cursor), cookie) as three,
    ):
        await asyncio.gather(*(in_another_thread(world.write, 25) for _ in range(4)))
        for socket in (one, two, three):
            last = first.position + 100
            assert await positions_until(socket, last) == list(range(first.position + 1, last + 1))


async def test_without_any_hint_the_poll_brings_every_event(world, monkeypatch):
    async def lose(*_):
        pass

    monkeypatch.setattr(settings, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(get_channel_layer(), "group_send", lose, raising=False)
    async with opened(org_path("acme"), await sync_to_async(session_cookie)(world.bob)) as socket:
        await socket.frame(), await socket.frame()
        await sync_to_async(world.write)(3)
        assert await positions_until(socket, 4) == [2, 3, 4]


async def test_frames_and_rows_agree_while_levels_change(world, monkeypatch):
    """The hub marks live frames itself; the rows are delivered in SQL. With hints lost and swapped, too."""
    from inbox.models import Notification

    def change(level):
        change_level(membership=Membership.objects.get(user=world.bob), level=level)

    monkeypatch.setattr(settings, "POLL_SECONDS", 0.05)
    chance = random.Random(7)
    Gossip(monkeypatch, chance)
    cookie = await sync_to_async(session_cookie)(world.bob)
    async with opened(org_path("acme"), cookie) as socket, opened(user_path(), cookie) as mine:
        await socket.frame(), await socket.frame(), await mine.frame(), await mine.frame()
        for turn in range(40):
            await sync_to_async(change)(chance.choice(["all", "participating", "muted"]))
            await sync_to_async(world.write)(1, chance.choice(["ding", "dong @bob" if turn > 15 else "dong"]))
        frames = [await socket.frame() for _ in range(40)]
        told = {frame["event_id"]: frame["notification"] for frame in frames}
        rows = {
            row.event_id: {"id": row.event_id, "reason": row.reason, "unread": True, "state": "unread"}
            async for row in Notification.objects.filter(recipient=world.bob)
        }
        assert told == {event_id: rows.get(event_id) for event_id in told}
        assert {None, "org", "mentioned"} <= {mark and mark["reason"] for mark in told.values()}
        addressed = []
        while len(addressed) < sum(mark is not None for mark in told.values()):
            frame = await mine.frame()
            addressed += [frame["event_id"]] if frame["type"] == "task_event" else []
        assert addressed == [event_id for event_id, mark in told.items() if mark]


async def test_a_rollback_is_silence(world):
    from django.db import transaction

    def write_and_roll_back():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            world.write()
            raise ZeroDivisionError

    async with opened(org_path("acme"), await sync_to_async(session_cookie)(world.bob)) as socket:
        await socket.frame(), await socket.frame()
        await sync_to_async(write_and_roll_back)()
        assert await socket.receive_nothing(0.2)
        await sync_to_async(world.write)()
        assert (await socket.frame())["position"] == 2


async def test_joining_while_connected_brings_all_of_the_new_organization(world):
    from membership.services import add_member

    def join_and_write():
        owner = Membership.objects.get(user=world.alice, organization=world.org)
        add_member(by=owner, username="eve", role="member")
        world.write(3)

    cookie = await sync_to_async(session_cookie)(world.eve)
    async with opened(user_path(), cookie) as socket:
        cursor = (await socket.frame())["cursor"]
        await sync_to_async(join_and_write)()
        assert await socket.frame() == {"type": "membership", "org_id": world.org.pk, "change": "joined"}
        assert await socket.closed() == 4408
    async with opened(user_path(cursor), cookie) as socket:
        assert (await socket.frame())["replay"] == {"mode": "resume", "count": 4, "missed": 4}
        assert await positions_until(socket, 5) == [2, 3, 4, 5]  # that they joined, first
    await until(lambda: not hub.get_hub().users, "the sockets are gone")


async def test_a_removal_that_no_hint_told_of_is_found_by_the_poll(world, monkeypatch):
    from membership.services import remove_member

    def remove():
        remove_member(
            by=Membership.objects.get(user=world.alice, organization=world.org), user_id=world.bob.pk
        )

    async def lose(*_):
        pass

    monkeypatch.setattr(settings, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(get_channel_layer(), "group_send", lose, raising=False)
    cookie = await sync_to_async(session_cookie)(world.bob)
    async with opened(user_path(), cookie) as mine, opened(org_path("acme"), cookie) as socket:
        await mine.frame(), await mine.frame(), await socket.frame(), await socket.frame()
        await sync_to_async(remove)()
        assert await mine.frame() == {"type": "membership", "org_id": world.org.pk, "change": "left"}
        assert await socket.closed() == 4403
        await sync_to_async(world.write)()
        assert await mine.receive_nothing(0.2)


async def test_rights_that_changed_without_a_hint_are_found_within_the_recheck(world, monkeypatch):
    """Joining, whose hint was lost, and closing an account, which gives none."""
    from membership.services import add_member

    def join():
        owner = Membership.objects.get(user=world.alice, organization=world.org)
        add_member(by=owner, username="eve", role="member")

    def close_account():
        world.bob.is_active = False
        world.bob.save()

    async def lose(*_):
        pass

    monkeypatch.setattr(polling, "RECHECK", 0.05)
    monkeypatch.setattr(get_channel_layer(), "group_send", lose, raising=False)
    eve, bob = [await sync_to_async(session_cookie)(user) for user in (world.eve, world.bob)]
    async with opened(user_path(), eve) as eves, opened(org_path("acme"), bob) as bobs:
        await eves.frame(), await bobs.frame(), await bobs.frame()
        await sync_to_async(join)()
        assert await eves.frame() == {"type": "membership", "org_id": world.org.pk, "change": "joined"}
        assert await eves.closed() == 4408
        await sync_to_async(close_account)()
        assert await bobs.closed() == 4401
