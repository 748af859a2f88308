"""The place on the channel layer: groups as wanted, kept alive, and taken anew when hints are missed."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest
from channels.layers import InMemoryChannelLayer

from realtime import subscription as module
from realtime.subscription import Subscription
from tests.waiting import LIMIT, until


class Layer(InMemoryChannelLayer):
    """Notes what is asked of it, and fails while `away`."""

    def __init__(self) -> None:
        super().__init__()
        self.added: list[str] = []
        self.away = False

    async def new_channel(self, *args):
        if self.away:
            raise ConnectionError("the layer is away")
        return await super().new_channel(*args)

    async def group_add(self, group, channel):
        self.added.append(group)
        await super().group_add(group, channel)


@pytest.fixture
def layer(monkeypatch):
    layer = Layer()
    monkeypatch.setattr(module, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(module, "RETRY", 0.01)
    return layer


@pytest.fixture
async def heard():
    return []


@pytest.fixture
async def joined():
    return []


@pytest.fixture
async def subscription(layer, heard, joined):
    subscription = Subscription(heard.append, joined.append)
    running = asyncio.create_task(subscription.run())
    yield subscription
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert layer.groups == {}, "the layer keeps nothing of it"


async def test_wanted_groups_bring_messages_and_dropped_ones_do_not(subscription, layer, heard, joined):
    subscription.want("org-1")
    subscription.want("org-2")
    await subscription.settle()
    assert joined == [{"org-1", "org-2"}]
    subscription.drop("org-1")
    await subscription.settle()
    await layer.group_send("org-1", {"type": "lost"})
    await layer.group_send("org-2", {"type": "heard"})
    await until(lambda: heard, "a message comes")
    assert heard == [{"type": "heard"}]


async def test_groups_are_joined_again_before_a_layer_lets_them_expire(
    subscription, layer, joined, monkeypatch
):
    monkeypatch.setattr(module, "RENEW", 0.01)
    subscription.want("org-1")
    await until(lambda: layer.added.count("org-1") > 2, "it is joined again and again")
    assert joined == [{"org-1"}], "which is no news to anybody"


async def test_a_layer_that_forgot_us_is_joined_anew_once_hints_were_missed(
    subscription, layer, heard, joined
):
    subscription.want("org-1")
    await subscription.settle()
    await layer.flush()
    subscription.restart()
    await until(lambda: len(joined) == 2, "the group is joined anew")
    await layer.group_send("org-1", {"type": "heard"})
    await until(lambda: heard, "a message comes")


async def test_a_layer_that_loses_hints_all_the_time_is_not_joined_anew_all_the_time(
    subscription, layer, joined, monkeypatch
):
    monkeypatch.setattr(module, "RESTART_PAUSE", 600.0)
    subscription.want("org-1")
    await subscription.settle()
    for _ in range(3):
        subscription.restart()
        await until(lambda: len(joined) == 2, "it is joined anew once")
        await asyncio.sleep(0)
    subscription.want("org-2")
    await subscription.settle()
    assert joined == [{"org-1"}, {"org-1"}, {"org-2"}]


async def test_nobody_waits_for_a_layer_that_is_known_to_be_away(
    subscription, layer, joined, caplog, monkeypatch
):
    monkeypatch.setattr(module, "SETTLE", 2 * LIMIT)
    layer.away = True
    subscription.restart()
    await until(lambda: "is away" in caplog.text, "its absence is noticed")
    subscription.want("org-1")
    async with asyncio.timeout(LIMIT):
        await subscription.settle()
    layer.away = False
    await until(lambda: joined, "it is joined once it is back")
    await until(lambda: "is back" in caplog.text, "that is told of")
    assert caplog.text.count(" is away: the layer") == 1


async def test_a_burst_of_hints_leaves_others_their_turn(subscription, layer, heard):
    """`receive` gives nobody a turn while messages wait."""
    turns = []

    async def other() -> None:
        while len(heard) < 90:
            turns.append(len(heard))
            await asyncio.sleep(0)

    module_turn, module.TURN = module.TURN, 10
    try:
        subscription.want("org-1")
        await subscription.settle()
        running = asyncio.create_task(other())
        await asyncio.gather(*(layer.group_send("org-1", {"type": "heard"}) for _ in range(90)))
        await running
    finally:
        module.TURN = module_turn
    assert max(late - early for early, late in pairwise(turns)) <= 10


async def test_a_handshake_waits_for_its_own_groups_while_others_come_and_go(subscription, layer, joined):
    async def churn() -> None:
        for number in range(1000):
            subscription.want(f"user-{number}")
            subscription.drop(f"user-{number - 1}")
            await asyncio.sleep(0)

    others = asyncio.create_task(churn())
    await asyncio.sleep(0)
    subscription.want("org-1")
    await subscription.settle()
    assert any("org-1" in groups for groups in joined)
    assert not others.done()
    await others
