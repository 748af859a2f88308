"""PostgreSQL carries hints: between loops, in pieces that it takes, and past poolers that would swallow them."""

import asyncio
import time
from contextlib import suppress

import msgspec
import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from base import messages
from realtime import notify_layer as module
from realtime.hint_connection import HintConnection
from realtime.notify_layer import LONGEST, Deaf, NotifyLayer, payload
from tests.realtime.sockets import dial, event_frames, org_path, session_cookie
from tests.realtime.test_server import submit
from tests.waiting import LIMIT

on_postgresql = pytest.mark.services


def appended(frame: bytes = b"{}", position: int = 7) -> messages.LogAppended:
    event = messages.AppendedEvent(position, 1, 2, "d", frame, [(3, "assigned")])
    return messages.LogAppended(1, 4, "f", [event])


class TestPayload:
    def test_brings_every_message_over_as_it_was(self):
        for message in (
            appended('{"text": "naïve \x00"}'.encode()),
            messages.OrgEvent(1, {"a": [1, None]}),
            messages.UserEvent(2, {}),
            messages.MembershipChanged(1, 2, "joined"),
            messages.SessionChanged(5),
        ):
            group, _, text = payload("org-1", message.told()).partition(" ")
            assert group == "org-1"
            assert messages.read(msgspec.json.decode(text)) == message

    def test_names_the_log_and_its_end_alone_where_it_would_be_too_long(self):
        whole = []
        for size in range(5800, 6100):
            text = payload("org-1", appended(b"x" * size).told() | {"installation": "i"})
            assert len(text.encode()) <= LONGEST
            read = msgspec.json.decode(text.partition(" ")[2])
            whole.append("events" in read)
            if "events" not in read:
                assert read == {"type": "log.appended", "org_id": 1, "installation": "i", "position": 7}
                with pytest.raises(messages.Unreadable):
                    messages.read(read)
        assert set(whole) == {True, False}

    def test_is_measured_in_bytes(self):
        assert len(payload("user-1", messages.UserEvent(1, {"a": "é" * 5000}).told()).encode()) < 100


@pytest.mark.parametrize("text", ["", "[", "[" * 7000, "5", "null", '["type"]', '{"type": 1', "\ud800"])
def test_what_is_no_message_is_left_out(text):
    """Else a word by whoever may connect to the database would end the channel."""
    assert module.read(text) is None


@pytest.fixture
async def layer(db):
    layer = NotifyLayer()
    yield layer
    for ear, _ in layer._ears.values():
        await ear.connection.close()
    for sender in layer._senders.values():
        await sender.close()


async def next_of(layer, channel):
    return await asyncio.wait_for(layer.receive(channel), LIMIT)


@on_postgresql
async def test_a_group_s_messages_come_and_no_others(layer):
    one, other = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("org-1", one)
    await layer.group_add("org-2", one)
    await layer.group_add("org-3", other)
    for number in (1, 3, 2):
        await layer.group_send(f"org-{number}", {"type": "x", "n": number})
    assert [(await next_of(layer, one))["n"] for _ in range(2)] == [1, 2]
    assert (await next_of(layer, other))["n"] == 3
    await layer.group_discard("org-1", one)
    await layer.group_send("org-1", {"type": "x", "n": 4})
    await layer.group_send("org-2", {"type": "x", "n": 5})
    assert (await next_of(layer, one))["n"] == 5


@on_postgresql
async def test_hears_on_after_what_others_said_there(layer):
    channel = await layer.new_channel()
    await layer.group_add("org-1", channel)
    for said in ("", "org-1", "org-1 [", "org-1 5", "org-1 " + "[" * 7000):
        await layer._notify(said)
    await layer.group_send("org-1", {"type": "heard"})
    assert await next_of(layer, channel) == {"type": "heard"}


@on_postgresql
async def test_a_channel_whose_connection_is_killed_says_so_and_a_new_one_hears(layer):
    channel = await layer.new_channel()
    waiting = asyncio.ensure_future(layer.receive(channel))
    ear, _ = layer._ears[channel]
    sender = layer._senders[asyncio.get_running_loop()]

    def kill(*pids: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) pid", [list(pids)])

    await sync_to_async(kill)(ear.connection.info.backend_pid, sender.info.backend_pid)
    with pytest.raises(psycopg.OperationalError):
        await asyncio.wait_for(waiting, LIMIT)
    with suppress(psycopg.OperationalError):  # the one that sends finds out when it is used
        await layer.group_send("org-1", {"type": "lost"})
    channel = await layer.new_channel()
    await layer.group_add("org-1", channel)
    await layer.group_send("org-1", {"type": "heard"})
    assert await next_of(layer, channel) == {"type": "heard"}


@on_postgresql
async def test_two_servers_without_redis_tell_each_other_at_once(start_server, world):
    """The poll comes too late to help."""
    one, two = [
        await sync_to_async(start_server)(REDIS_URL="", POLL_SECONDS=str(LIMIT), LOG_LEVEL="INFO")
        for _ in range(2)
    ]
    alice, bob = [await sync_to_async(session_cookie)(user) for user in (world.alice, world.bob)]
    async with dial(two.ws_url, org_path("acme"), bob) as socket:
        await event_frames(socket, 1)
        for text, position in (("ding", 2), ("long " * 1900, 3)):
            began = time.monotonic()
            assert await sync_to_async(submit)(one, "/orgs/acme/tasks/1/comment/", alice, text=text) == 200
            assert [frame["position"] for frame in await event_frames(socket, 1)] == [position]
            assert time.monotonic() - began < LIMIT / 2
    assert "Hints were missed" not in two.log


@on_postgresql
async def test_who_stops_listening_leaves_no_connection(layer):
    waiting = asyncio.ensure_future(layer.receive(await layer.new_channel()))
    ((ear, _),) = layer._ears.values()
    await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    assert ear.connection.closed
    assert layer._ears == {}


@on_postgresql
async def test_a_listener_that_hears_nothing_says_what_to_set(layer, monkeypatch):
    """As through a pooler in transaction mode, where the LISTEN stays with another client's connection."""
    executed = HintConnection.execute

    async def unheard(self, query, *args, **kwargs):
        return await executed(self, "SELECT 1" if str(query).startswith("LISTEN") else query, *args, **kwargs)

    monkeypatch.setattr(HintConnection, "execute", unheard)
    monkeypatch.setattr(module, "ECHO", 0.05)
    with pytest.raises(Deaf, match="set LISTEN_URL"):
        await layer.new_channel()
    assert layer._ears == {}


@on_postgresql
async def test_listening_goes_past_the_pooler_where_an_address_does(layer, settings, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "pooler.invalid")
    with pytest.raises(psycopg.OperationalError):
        await layer.new_channel()
    settings.LISTEN_URL = {"HOST": "127.0.0.1", "OPTIONS": {"connect_timeout": 10}}
    assert await layer.new_channel()


@on_postgresql
async def test_a_sender_given_up_in_the_middle_is_replaced(layer):
    await layer.group_send("org-1", {"type": "x"})
    (sender,) = layer._senders.values()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await layer.group_send("org-1", {"type": "x"})
    assert sender.closed
    await layer.group_send("org-1", {"type": "x"})
