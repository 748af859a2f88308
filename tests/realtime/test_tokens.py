"""Sockets that are opened by a token."""

import datetime as dt

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

from config.asgi import application
from realtime import codes, polling
from realtime.auth import brings_a_token, credentials_of
from tasks.commands import CreateTask
from tasks.services import execute
from tests.factories import MembershipFactory
from tests.inbox.acts import mark_read
from tests.realtime.sockets import Socket, org_path, user_path
from tests.tokens.making import new_token
from tests.waiting import LIMIT, until
from tokens.models import Token
from tokens.services import revoke
from tokens.text import key_of, new_text
from tokens.using import USES

anew = sync_to_async(new_token)


def native(path: str, token: str) -> Socket:
    """A program's: no origin, no cookie."""
    socket = Socket(path)
    socket.scope["headers"] = [(b"authorization", f"Bearer {token}".encode())]
    return socket


async def refused(socket: WebsocketCommunicator) -> int:
    accepted, code = await socket.connect()
    assert not accepted
    return code


class TestHeads:
    def scope(self, **more) -> dict:
        return {"headers": [(b"cookie", b"sessionid=abc")], **more}

    def test_a_token_wins_over_a_cookie(self):
        text = new_text()
        header = {"headers": [(b"cookie", b"sessionid=abc"), (b"authorization", f"Bearer {text}".encode())]}
        offered = self.scope(subprotocols=["carillon", f"carillon.bearer.{text}"])
        for scope in (header, offered):
            assert credentials_of(scope) == key_of(text)
            assert brings_a_token(scope)

    @pytest.mark.parametrize(
        "more",
        [
            {"subprotocols": ["carillon", "carillon.bearer.nonsense"]},
            {"headers": [(b"cookie", b"sessionid=abc"), (b"authorization", b"Bearer nonsense")]},
            {"query_string": f"token={new_text()}".encode()},
        ],
    )
    def test_a_bad_one_does_not_fall_back_on_the_cookie(self, more):
        assert credentials_of(self.scope(**more)) is None

    def test_others_bring_none(self):
        scope = self.scope(subprotocols=["carillon"])
        assert credentials_of(scope) == "abc"
        assert not brings_a_token(scope)


async def test_a_program_reads_both_without_an_origin(world):
    made = await anew(world.bob)
    for path in (org_path("acme"), user_path()):
        socket = native(path, made.text)
        assert (await socket.connect())[0]
        assert (await socket.frame())["user_id"] == world.bob.pk
        await socket.disconnect()


async def test_its_use_is_noted_as_a_socket_opens_and_again_while_it_is_open(world, monkeypatch):
    monkeypatch.setattr(polling, "TOKENS", 0.05)
    USES.forget()
    made, unused = await anew(world.bob), await anew(world.bob)

    async def last(token: Token) -> dt.datetime | None:
        return await Token.objects.values_list("last_used_at", flat=True).aget(pk=token.pk)

    socket = native(user_path(), made.text)
    assert (await socket.connect())[0]
    opened = await last(made.token)
    assert opened is not None
    USES.forget()  # a minute has passed

    async def noted_again() -> bool:
        return await last(made.token) != opened

    await until(noted_again, "it is noted again")
    assert await last(unused.token) is None
    await socket.disconnect()


async def test_a_page_of_another_origin_offers_it_as_a_subprotocol(world):
    made = await anew(world.bob)
    socket = WebsocketCommunicator(
        application,
        user_path(),
        headers=[(b"origin", b"https://elsewhere.example")],
        subprotocols=["carillon", f"carillon.bearer.{made.text}"],
    )
    assert await socket.connect(LIMIT) == (True, "carillon")
    await socket.disconnect(timeout=LIMIT)


async def test_needs_the_scope_and_the_organization(world):
    await sync_to_async(MembershipFactory)(organization=world.elsewhere, user=world.bob)
    only_read = (await anew(world.bob, ["read"])).text
    only_inbox = (await anew(world.bob, ["inbox"])).text
    only_acme = (await anew(world.bob, organization=world.org)).text
    assert await refused(native(user_path(), only_read)) == codes.NOT_A_MEMBER
    assert await refused(native(org_path("acme"), only_inbox)) == codes.NOT_A_MEMBER
    assert await refused(native(org_path("globex"), only_acme)) == codes.NOT_A_MEMBER
    assert await refused(native(user_path(), new_text())) == codes.SIGNED_OUT


async def test_of_one_organization_hears_nothing_of_another(world):
    await sync_to_async(MembershipFactory)(organization=world.elsewhere, user=world.bob)
    made = await anew(world.bob, organization=world.org)
    socket = native(user_path(), made.text)
    assert (await socket.connect())[0]
    welcome = await socket.frame()
    assert [org["id"] for org in welcome["orgs"]] == [world.org.pk]
    await socket.frame()
    foreign = CreateTask(organization_id=world.elsewhere.pk, title="Elsewhere")
    there = (await sync_to_async(execute)(foreign, actor=world.eve))[0]
    here = (await sync_to_async(world.write)())[0]
    assert (await socket.frame())["event_id"] == here.pk
    await sync_to_async(mark_read)(world.bob.pk, [there.pk])
    await sync_to_async(mark_read)(world.bob.pk, [here.pk, there.pk])
    frame = await socket.frame()
    assert frame["unread"]["orgs"].keys() == frame["at"].keys() == {str(world.org.pk)}
    assert frame["change"]["event_ids"] == [here.pk]
    assert await socket.receive_nothing()
    await socket.disconnect()


@pytest.mark.parametrize("told", [True, False], ids=["told", "hint lost"])
async def test_a_revoked_one_closes_its_sockets_alone(world, monkeypatch, told):
    if not told:

        async def lose(*_):
            pass

        monkeypatch.setattr(get_channel_layer(), "group_send", lose, raising=False)
        monkeypatch.setattr(polling, "TOKENS", 0.05)
    made, other = await anew(world.bob), await anew(world.bob)
    socket, untouched = native(org_path("acme"), made.text), native(org_path("acme"), other.text)
    for each in (socket, untouched):
        assert (await each.connect())[0]
        await each.frame(), await each.frame()
    await sync_to_async(revoke)([made.token])
    assert await socket.closed() == codes.SIGNED_OUT
    await sync_to_async(world.write)()
    if told:
        assert (await untouched.frame())["type"] == "task_event"
    await untouched.disconnect()
