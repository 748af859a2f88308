"""A backup is restored under running servers, or a standby takes over that lacks the newest events: every socket, open
and new, shows exactly the log that is there. And what another installation says on the same Redis is not heard."""

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import connection

from events.models import EventText, LogHead, TaskEvent
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes
from realtime import codes, installation, polling
from realtime.hub import get_hub
from tasks.models import Task
from tests.inbox.replays import frames_of, org_replay
from tests.realtime.sockets import opened, org_path, session_cookie, user_path
from tests.triggers import without_triggers

pytestmark = pytest.mark.second

PATHS = pytest.mark.parametrize("path", [org_path("acme"), user_path()], ids=["organization", "user"])


def set_back(org_id: int, position: int) -> None:
    """As a backup of then would have it."""
    with without_triggers():
        lost = TaskEvent.objects.filter(organization_id=org_id, position__gt=position)
        for model in (EventText, Notification):
            model.objects.filter(event_id__in=lost.values("pk")).delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM events_taskevent WHERE organization_id = %s AND position > %s",
                [org_id, position],
            )
        last = TaskEvent.objects.get(organization_id=org_id, position=position)
        LogHead.objects.filter(pk=org_id).update(position=position, digest=last.digest)
        Task.objects.filter(pk=last.stream_id).update(version=last.version)


async def positions_and_ids(socket, last: int) -> list[tuple[int, int]]:
    shown: list[tuple[int, int]] = []
    while not shown or shown[-1][0] < last:
        frame = await socket.frame()
        if frame["type"] == "task_event":
            shown.append((frame["position"], frame["event_id"]))
    return shown


async def in_the_log(org_id: int, after: int = 0) -> list[tuple[int, int]]:
    events = TaskEvent.objects.filter(organization_id=org_id, position__gt=after).order_by("position")
    return [row async for row in events.values_list("position", "pk")]


@pytest.fixture
def lost_hints(monkeypatch):
    async def lose(*_):
        pass

    monkeypatch.setattr(get_channel_layer(), "group_send", lose, raising=False)


@PATHS
@pytest.mark.parametrize("written_since", [0, 1, 2, 5], ids=lambda count: f"{count} written since")
@pytest.mark.parametrize("hints", ["hints", "no hints"])
async def test_every_socket_shows_exactly_the_log_that_is_there(
    world, monkeypatch, request, path, written_since, hints
):
    """Whether the new log is shorter than what was shown, as long, or longer."""
    if hints == "no hints":
        request.getfixturevalue("lost_hints")
    await sync_to_async(world.write)(3)
    cookie = await sync_to_async(session_cookie)(world.bob)
    async with opened(path, cookie) as socket:
        cursor = (await socket.frame())["cursor"]
        await positions_and_ids(socket, 4)
        await sync_to_async(set_back)(world.org.pk, 2)
        await sync_to_async(world.write)(written_since)
        await polling.poll(get_hub())
        assert await socket.closed() == codes.TOO_OLD
    async with opened(f"{path}?after={cursor}", cookie) as back, opened(path, cookie) as new:
        assert (await back.frame())["replay"]["mode"] == "reset"
        await new.frame()
        await sync_to_async(world.write)()
        await polling.poll(get_hub())
        last = 2 + written_since + 1
        there = await in_the_log(world.org.pk)
        assert await positions_and_ids(back, last) == there
        assert await positions_and_ids(new, last) == there


async def test_a_new_socket_alone_finds_that_the_ring_is_of_another_history(world, lost_hints):
    """Nobody has polled yet, and no hint has come."""
    await sync_to_async(world.write)(3)
    cookie = await sync_to_async(session_cookie)(world.bob)
    async with opened(org_path("acme"), cookie) as old:
        await old.frame()
        await sync_to_async(set_back)(world.org.pk, 2)
        await sync_to_async(world.write)()
        async with opened(org_path("acme"), cookie) as new:
            await new.frame()
            there = await in_the_log(world.org.pk)
            assert await positions_and_ids(new, 3) == there
        await positions_and_ids(old, 4)
        assert await old.closed() == codes.TOO_OLD


async def test_a_cursor_from_before_the_fork_is_resumed(world):
    await sync_to_async(world.write)(3)
    place = (await sync_to_async(org_inboxes)(world.bob.pk))[0]
    earlier = (
        f"{place.org_id}.2.{(await TaskEvent.objects.aget(organization=world.org, position=2)).digest[:8]}"
    )
    await sync_to_async(set_back)(world.org.pk, 3)
    place = (await sync_to_async(org_inboxes)(world.bob.pk))[0]
    replay = await sync_to_async(org_replay)(place, world.bob.pk, earlier)
    assert (replay.mode, [frame["position"] for frame in frames_of(replay)]) == ("resume", [3])


@pytest.mark.parametrize(
    "message",
    [
        {"type": "org.event", "payload": {"type": "ghost"}},
        {"type": "user.event", "payload": {"type": "ghost"}},
        {"type": "user.event", "payload": {"type": "unread", "unread": {"total": 99}}},
        {"type": "membership.changed", "change": "changed"},
        {"type": "session.changed"},
        {"type": "log.appended"},
    ],
    ids=lambda message: message["type"],
)
@pytest.mark.parametrize("stamp", [{installation.KEY: "a copy"}, {}], ids=["a copy", "without a stamp"])
async def test_what_another_installation_says_is_not_heard(world, monkeypatch, message, stamp):
    """A copy of the database goes on in its own way, under the same ids, keys and digests so far."""
    cookie = await sync_to_async(session_cookie)(world.bob)
    sent: list[dict] = []
    layer = get_channel_layer()
    send = layer.group_send

    async def overhear(group, said):
        sent.append(said)

    async with opened(org_path("acme"), cookie) as org, opened(user_path(), cookie) as mine:
        for socket in (org, mine):
            await socket.frame(), await socket.frame()
        monkeypatch.setattr(layer, "group_send", overhear, raising=False)
        await sync_to_async(world.write)()  # what a copy would say, had it written this
        await sync_to_async(set_back)(world.org.pk, 1)
        ghost = {key: value for key, value in sent[-1].items() if key != installation.KEY}
        ids = {"org_id": world.org.pk, "user_id": world.bob.pk}
        said = ghost if message["type"] == "log.appended" else message | ids
        for group in (f"org-{world.org.pk}", f"user-{world.bob.pk}"):
            await send(group, said | stamp)
        assert await org.receive_nothing()
        assert await mine.receive_nothing()
