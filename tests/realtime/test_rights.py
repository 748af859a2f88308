"""Rights that end while sockets are open: found by one look at all of them, though no hint told of it."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.sessions.models import Session
from django.utils import timezone

from membership.services import add_member, remove_member
from orgs.models import Membership
from realtime import codes, polling
from realtime.reads import rights
from tasks.commands import CommentOnTask
from tasks.erasure import erase_user
from tasks.services import execute
from tests.factories import MembershipFactory, UserFactory
from tests.inbox.acts import mark_read
from tests.realtime.sockets import (
    Socket,
    dial,
    event_frames,
    frame_from,
    opened,
    org_path,
    session_cookie,
    user_path,
)
from tests.realtime.test_server import close_code

LOST_HINT = 60  # seconds until a socket without rights is closed, at the latest


def key_of(cookie: str) -> str:
    return cookie.split("=")[1]


def row(cookie: str):
    return Session.objects.filter(pk=key_of(cookie))


def sign_out(world, cookie, settings):
    row(cookie).delete()


def run_out(world, cookie, settings):
    row(cookie).update(expire_date=timezone.now() - timedelta(seconds=1))


def change_password(world, cookie, settings):
    world.bob.set_password("another")
    world.bob.save()


def close_account(world, cookie, settings):
    world.bob.is_active = False
    world.bob.save()


def forget_the_key(world, cookie, settings):
    settings.SECRET_KEY = "new-" * 12


def remove(world, cookie, settings):
    remove_member(by=Membership.objects.get(user=world.alice), user_id=world.bob.pk)


@pytest.fixture
def no_hints(monkeypatch):
    async def lose(*_):
        pass

    monkeypatch.setattr(get_channel_layer(), "group_send", lose, raising=False)
    monkeypatch.setattr(polling, "RECHECK", 0.05)


def test_a_lost_hint_costs_a_minute_at_most():
    """The look itself, and the closing, have the other half of it."""
    assert polling.RECHECK <= LOST_HINT / 2


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (sign_out, codes.SIGNED_OUT),
        (run_out, codes.SIGNED_OUT),
        (change_password, codes.SIGNED_OUT),
        (close_account, codes.SIGNED_OUT),
        (forget_the_key, codes.SIGNED_OUT),
        (remove, codes.NOT_A_MEMBER),
    ],
)
async def test_the_socket_is_closed_though_no_hint_told_of_it(world, no_hints, settings, deed, code):
    cookie, alices = [await sync_to_async(session_cookie)(user) for user in (world.bob, world.alice)]
    socket, other = Socket(org_path("acme"), cookie), Socket(org_path("acme"), alices)
    for each in (socket, other):
        assert await each.connect() == (True, None)
        await each.frame(), await each.frame()
    await sync_to_async(deed)(world, cookie, settings)
    assert await socket.closed() == code
    if deed is not forget_the_key:
        assert await other.receive_nothing(0.2)
        await other.disconnect()


async def test_a_rotated_key_closes_nobody(world, no_hints, settings):
    cookie = await sync_to_async(session_cookie)(world.bob)
    open_before = Socket(user_path(), cookie)
    await open_before.connect()
    await open_before.frame(), await open_before.frame()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new-" * 12, [settings.SECRET_KEY]
    assert await open_before.receive_nothing(0.3)
    opened_after = Socket(user_path(), cookie)
    assert await opened_after.connect() == (True, None)
    for socket in (open_before, opened_after):
        await socket.disconnect()


@pytest.mark.django_db
def test_the_rights_of_many_are_read_by_three_queries(world, django_assert_num_queries):
    people = [MembershipFactory(organization=world.org, user=UserFactory()).user for _ in range(30)]
    keys = [key_of(session_cookie(user)) for user in [*people, world.eve]]
    with django_assert_num_queries(3):
        found = rights([*keys, "forged"])
    assert found == {key: {world.org.pk} for key in keys[:-1]} | {keys[-1]: {world.elsewhere.pk}}


@pytest.mark.services
async def test_joining_an_organization_ends_the_users_socket_with_4408_on_the_wire(server, world):
    def join():
        owner = Membership.objects.get(user=world.alice, organization=world.org)
        add_member(by=owner, username="eve", role="member")

    cookie = await sync_to_async(session_cookie)(world.eve)
    async with dial(server.ws_url, user_path(), cookie) as connection:
        cursor = (await frame_from(connection))["cursor"]
        await sync_to_async(join)()
        await sync_to_async(world.write)(2)
        assert await close_code(connection) == codes.TOO_OLD
    async with dial(server.ws_url, user_path(cursor), cookie) as connection:
        assert [frame["position"] for frame in await event_frames(connection, 2)] == [3, 4]


async def test_an_erasure_reaches_open_sockets_and_notifies_nobody(world):
    """Also whoever is told of everything: a frame says what the row says."""

    def erase():
        execute(CommentOnTask(task_id=world.task_id, text="Mine."), actor=world.bob)
        erase_user(world.bob.pk)
        return world.write(1, "after")[0].position

    cookie = await sync_to_async(session_cookie)(world.alice)
    async with opened(org_path("acme"), cookie) as org, opened(user_path(), cookie) as user:
        await org.frame(), await user.frame()
        last = await sync_to_async(erase)()
        told = [await org.frame() for _ in range(last)]
        erasure = next(frame for frame in told if frame.get("action") == "texts_erased")
        assert (erasure["details"], erasure["notification"]) == ({"erased": [2], "redacted": []}, None)
        assert erasure["sentence"] == "Erased person’s texts were removed from ACME-1"
        assert [frame["position"] for frame in told] == list(range(1, last + 1))
        comment = await user.frame()
        assert (comment["action"], comment["notification"]["reason"]) == ("commented", "creator")
        assert (await user.frame())["action"] == "member_left"
        await sync_to_async(mark_read)(world.alice.pk, [comment["event_id"]])
        assert (await user.frame())["type"] == "unread"
