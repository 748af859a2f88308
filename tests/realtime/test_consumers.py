"""The sockets in this process, with a real session cookie."""

import json

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer

from membership.services import change_level, remove_member, rename_organization
from orgs.models import Membership
from realtime import codes, hub, installation
from realtime.broadcast import (
    abroadcast_org_event,
    abroadcast_user_event,
    broadcast_org_event,
    broadcast_user_event,
)
from tasks.commands import AssignTask, CommentOnTask, CreateTask
from tasks.services import execute
from tests.inbox.acts import mark_all_read, mark_read, mark_unread
from tests.realtime.sockets import Socket, opened, org_path, session_cookie, user_path
from tests.tasks.acme import listening
from tests.waiting import until

asession_cookie = sync_to_async(session_cookie)
aexecute = sync_to_async(execute)


async def test_a_member_is_welcomed_with_the_newest_events(world):
    await sync_to_async(world.write)(12)
    async with opened(org_path("acme"), await asession_cookie(world.bob)) as socket:
        welcome = await socket.frame()
        assert welcome["type"] == "welcome"
        assert welcome["org"] == {"id": world.org.pk, "slug": "acme"}
        assert welcome["unread"] == 13
        assert welcome["replay"] == {"mode": "latest", "count": 10, "missed": 0}
        replayed = [await socket.frame() for _ in range(10)]
        assert [frame["position"] for frame in replayed] == list(range(4, 14))
        assert all(frame["replayed"] for frame in replayed)
        assert replayed[-1]["cursor"] == welcome["cursor"]
        assert await socket.receive_nothing()


async def test_a_live_frame_says_what_happened_and_what_it_means_to_me(world):
    async with opened(org_path("acme"), await asession_cookie(world.bob)) as socket:
        await socket.frame(), await socket.frame()
        await aexecute(AssignTask(task_id=world.task_id, assignee_id=world.bob.pk), actor=world.alice)
        frame = await socket.frame()
    assert frame["type"] == "task_event"
    assert (frame["action"], frame["details"]) == ("assignee_changed", {"from": None, "to": world.bob.pk})
    assert frame["sentence"] == "Alice assigned ACME-1 to Bob"
    assert frame["names"] == {str(world.bob.pk): "Bob"}
    assert (frame["org_id"], frame["task_id"], frame["actor_id"]) == (
        world.org.pk,
        str(world.task_id),
        world.alice.pk,
    )
    assert (frame["position"], frame["version"], frame["replayed"]) == (2, 2, False)
    assert frame["notification"] == {
        "id": frame["event_id"],
        "reason": "assigned",
        "unread": True,
        "state": "unread",
    }
    assert "@example.com" not in json.dumps(frame)


async def test_the_actor_sees_the_frame_without_a_notification(world):
    async with opened(org_path("acme"), await asession_cookie(world.alice)) as socket:
        await socket.frame(), await socket.frame()
        await sync_to_async(world.write)()
        assert (await socket.frame())["notification"] is None


async def test_the_user_socket_carries_only_what_is_addressed_to_me(world):
    await sync_to_async(execute)(
        CreateTask(organization_id=world.elsewhere.pk, title="Theirs"), actor=world.eve
    )
    async with opened(user_path(), await asession_cookie(world.bob)) as socket:
        welcome = await socket.frame()
        assert [org["slug"] for org in welcome["orgs"]] == ["acme"]
        assert (await socket.frame())["position"] == 1
        bobs = CommentOnTask(task_id=world.task_id, text="mine")
        await aexecute(bobs, actor=world.bob)
        await aexecute(CreateTask(organization_id=world.elsewhere.pk, title="Theirs too"), actor=world.eve)
        await sync_to_async(world.write)()
        frame = await socket.frame()
        assert (frame["org_id"], frame["position"]) == (world.org.pk, 3)
        assert frame["notification"]["reason"] == "participant"


async def test_a_cursor_resumes_where_the_client_stood(world):
    cookie = await asession_cookie(world.bob)
    async with opened(org_path("acme"), cookie) as socket:
        cursor = (await socket.frame())["cursor"]
    await sync_to_async(world.write)(20)
    async with opened(org_path("acme", cursor), cookie) as socket:
        welcome = await socket.frame()
        assert welcome["replay"] == {"mode": "resume", "count": 20, "missed": 20}
        assert [(await socket.frame())["position"] for _ in range(20)] == list(range(2, 22))
    async with opened(user_path(cursor), cookie) as socket:
        assert (await socket.frame())["replay"] == {"mode": "resume", "count": 20, "missed": 20}


@pytest.mark.parametrize(
    "cursor", ["nonsense", "{org}.999999.00000000", "{org}.1.ffffffff", "%00", "١.١.aaaaaaaa"]
)
async def test_a_cursor_of_another_history_is_answered_by_a_reset(world, cursor):
    cursor = cursor.format(org=world.org.pk)
    for path in (org_path("acme", cursor), user_path(cursor)):
        async with opened(path, await asession_cookie(world.bob)) as socket:
            assert (await socket.frame())["replay"]["mode"] == "reset"


async def test_ping_is_answered_by_pong(world):
    async with opened(org_path("acme"), await asession_cookie(world.bob)) as socket:
        await socket.frame(), await socket.frame()
        await socket.send_json_to({"type": "ping"})
        assert await socket.frame() == {"type": "pong"}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ('{"type": "dance"}', "unknown_message"),
        ("{}", "unknown_message"),
        ('{"type": ["ping"]}', "unknown_message"),
        ("{", "bad_message"),
        ("", "bad_message"),
        ("[1, 2]", "bad_message"),
        ('"ping"', "bad_message"),
        ("null", "bad_message"),
        ("[" * 4000, "bad_message"),
        ('{"a":' * 700, "bad_message"),
        ("\ud800", "bad_message"),
        (b"\x00\xff", "bad_message"),
        (b"", "bad_message"),
    ],
)
async def test_a_message_that_makes_no_sense_is_answered_and_the_socket_stays(world, sent, code):
    async with opened(org_path("acme"), await asession_cookie(world.bob)) as socket:
        await socket.frame(), await socket.frame()
        message = {"bytes_data": sent} if isinstance(sent, bytes) else {"text_data": sent}
        if sent:
            await socket.send_to(**message)
        else:
            await socket.send_input({"type": "websocket.receive", "text": None, "bytes": b""})
        answer = await socket.frame()
        assert (answer["type"], answer["error"]["code"]) == ("error", code)
        await sync_to_async(world.write)()
        assert (await socket.frame())["type"] == "task_event"


async def test_the_sixth_message_in_a_minute_ends_the_socket(world):
    """The chapter's third exercise."""
    socket = Socket(org_path("acme"), await asession_cookie(world.bob))
    await socket.connect()
    await socket.frame(), await socket.frame()
    for _ in range(5):
        await socket.send_json_to({"type": "ping"})
        assert (await socket.frame())["type"] == "pong"
    await socket.send_json_to({"type": "ping"})
    assert (await socket.frame())["error"]["code"] == "rate_limited"
    assert await socket.closed() == codes.TOO_MANY


@pytest.mark.parametrize(
    ("who", "path", "code"),
    [
        (None, org_path("acme"), codes.SIGNED_OUT),
        (None, user_path(), codes.SIGNED_OUT),
        ("eve", org_path("acme"), codes.NOT_A_MEMBER),
        ("bob", org_path("nowhere"), codes.NO_SUCH_ORGANIZATION),
        ("bob", "/ws/somewhere/else/", codes.NOT_A_MEMBER),
    ],
)
async def test_strangers_are_refused_before_they_are_accepted(world, who, path, code):
    """The chapter's fourth exercise."""
    cookie = await asession_cookie(getattr(world, who)) if who else ""
    socket = Socket(path, cookie)
    assert await socket.connect() == (False, code)


async def test_a_user_has_twenty_sockets_at_most(world, monkeypatch):
    monkeypatch.setattr(hub, "SOCKETS_PER_USER", 2)
    cookie = await asession_cookie(world.bob)
    async with opened(user_path(), cookie), opened(user_path(), cookie):
        assert await Socket(user_path(), cookie).connect() == (False, codes.TOO_MANY)
    async with opened(user_path(), cookie):
        pass


async def test_reading_in_one_tab_is_told_to_all_of_them(world):
    cookie = await asession_cookie(world.bob)
    async with opened(user_path(), cookie) as one, opened(user_path(), cookie) as two:
        for socket in (one, two):
            assert (await socket.frame())["unread"] == 1
            event_id = (await socket.frame())["event_id"]
        await sync_to_async(mark_read)(world.bob.pk, [event_id])
        org = str(world.org.pk)
        for socket in (one, two):
            frame = await socket.frame()
            assert frame.pop("revision") > 0
            assert frame == {
                "type": "unread",
                "unread": {"total": 0, "orgs": {org: 0}},
                "at": {org: 1},
                "counts": {"unread": 0, "read": 1, "done": 0, "snoozed": 0, "saved": 0},
                "change": frame["change"],
                "read": {"event_ids": [event_id]},
            }
        await sync_to_async(mark_unread)(world.bob.pk, [event_id])
        frame = await one.frame()
        assert (frame["unread"]["total"], frame["unread_again"]) == (1, {"event_ids": [event_id]})
        _, mark = await sync_to_async(mark_all_read)(world.bob.pk, {world.org.pk: event_id})
        assert (await one.frame())["read"] == {"mark": mark, "up_to": {org: event_id}, "reason": None}


async def test_an_ad_hoc_message_reaches_an_organization_from_everywhere(world):
    async with opened(org_path("acme"), await asession_cookie(world.bob)) as socket:
        await socket.frame(), await socket.frame()
        await sync_to_async(broadcast_org_event)(
            org_id=world.org.pk, payload={"type": "note", "from": "a thread"}
        )
        assert (await socket.frame())["from"] == "a thread"
        broadcast_org_event(org_id=world.org.pk, payload={"type": "note", "from": "a running loop"})
        assert (await socket.frame())["from"] == "a running loop"
        await abroadcast_org_event(org_id=world.org.pk, payload={"type": "note", "from": "async code"})
        assert (await socket.frame())["from"] == "async code"
        await abroadcast_org_event(org_id=world.elsewhere.pk, payload={"type": "note"})
        assert await socket.receive_nothing()


async def test_an_ad_hoc_message_reaches_just_one_user(world):
    """The chapter's first exercise."""
    alices, bobs = await asession_cookie(world.alice), await asession_cookie(world.bob)
    async with opened(user_path(), alices) as alice, opened(user_path(), bobs) as bob:
        await alice.frame(), await bob.frame(), await bob.frame()
        await abroadcast_user_event(user_id=world.bob.pk, payload={"type": "note", "for": "bob"})
        await sync_to_async(broadcast_user_event)(
            user_id=world.bob.pk, payload={"type": "note", "for": "bob too"}
        )
        assert (await bob.frame())["for"] == "bob"
        assert (await bob.frame())["for"] == "bob too"
        assert await alice.receive_nothing()


async def test_a_poison_message_on_the_layer_hurts_nobody(world, caplog):
    async with opened(org_path("acme"), await asession_cookie(world.bob)) as socket:
        await socket.frame(), await socket.frame()
        layer = get_channel_layer()
        for poison in (
            {"type": "no.such.thing"},
            {"type": "log.appended"},
            {"type": "org.event"},
            {"type": "org.event", "org_id": [1]},
            {"no": "type"},
        ):
            await layer.group_send(f"org-{world.org.pk}", poison | {installation.KEY: installation.known()})
        await sync_to_async(world.write)()
        assert (await socket.frame())["position"] == 2
    assert "could not be handled" not in caplog.text


@pytest.mark.parametrize(
    "told",
    [
        {
            "events": [{"frame": {"position": 2}, "participants": [], "digest": "0" * 64}]
        },  # an older release's
        {"events": [{"of_tomorrow": 1}], "follows": None},
    ],
    ids=["older", "newer"],
)
async def test_what_another_release_says_is_a_hint_to_read_the_log(world, settings, caplog, told):
    settings.POLL_SECONDS = 3600
    async with opened(org_path("acme"), await asession_cookie(world.bob)) as socket:
        await socket.frame(), await socket.frame()
        with listening():
            await sync_to_async(world.write)()
        hint = {"type": "log.appended", "org_id": world.org.pk, "membership_version": 0, "follows": ""} | told
        stamp = {installation.KEY: installation.known()}
        await get_channel_layer().group_send(f"org-{world.org.pk}", hint | stamp)
        frame = await socket.frame()
        assert (frame["position"], frame["notification"]["reason"]) == (2, "org")
    assert "could not be handled" not in caplog.text


async def test_a_removed_member_is_closed_and_hears_nothing_more(world):
    def membership(user):
        return Membership.objects.get(user=user, organization=world.org)

    cookie = await asession_cookie(world.bob)
    async with opened(user_path(), cookie) as mine:
        await mine.frame(), await mine.frame()
        socket = Socket(org_path("acme"), cookie)
        await socket.connect()
        await socket.frame(), await socket.frame()
        owner = await sync_to_async(membership)(world.alice)
        await sync_to_async(remove_member)(by=owner, user_id=world.bob.pk)
        assert await socket.closed() == codes.NOT_A_MEMBER
        assert await mine.frame() == {"type": "membership", "org_id": world.org.pk, "change": "left"}
        await sync_to_async(world.write)()
        assert await mine.receive_nothing()


async def test_a_renamed_organization_is_told_and_found_by_its_former_short_name(world):
    rename = sync_to_async(rename_organization)
    cookie = await asession_cookie(world.bob)
    async with opened(org_path("acme"), cookie) as before:
        await before.frame(), await before.frame()
        await rename(world.org.pk, name="Apex", slug="apex", by=world.alice)
        here = {"id": world.org.pk, "slug": "apex"}
        assert await before.frame() == {"type": "organization", "org": here}
        async with opened(org_path("acme"), cookie) as after:
            assert (await after.frame())["org"] == here
            await after.frame()
            await sync_to_async(world.write)()
            for socket in (before, after):
                assert (await socket.frame())["key"] == "Apex"  # that it was renamed
                assert (await socket.frame())["key"] == "APEX-1"
    for slug in ("acme", "nowhere"):
        stranger = Socket(org_path(slug), await asession_cookie(world.eve))
        assert await stranger.connect() == (False, codes.NO_SUCH_ORGANIZATION)


async def test_a_change_of_level_holds_from_the_next_event_on(world):
    def mute():
        change_level(membership=Membership.objects.get(user=world.bob), level="muted")

    cookie = await asession_cookie(world.bob)
    async with opened(org_path("acme"), cookie) as socket:
        await socket.frame(), await socket.frame()
        await sync_to_async(world.write)()
        assert (await socket.frame())["notification"]["reason"] == "org"
        await sync_to_async(mute)()
        await sync_to_async(world.write)()
        assert (await socket.frame())["notification"] is None
        await sync_to_async(world.write)(1, "ask @bob")
        assert (await socket.frame())["notification"]["reason"] == "mentioned"


async def test_nothing_is_left_of_a_socket_that_ended(world):
    cookie = await asession_cookie(world.bob)
    for path in (org_path("acme"), user_path()):
        async with opened(path, cookie):
            assert hub.get_hub().users
    assert not hub.get_hub().users
    assert not hub.get_hub().logs
    await until(lambda: not hub.get_hub()._tasks, "the hub's tasks end with the last socket")
