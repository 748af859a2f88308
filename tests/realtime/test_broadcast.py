"""Towards the channel layer: whatever it does, nobody waits for it for long."""

import asyncio

from realtime import broadcast
from tests.waiting import LIMIT


class Frozen:
    """Takes a message and never answers."""

    def __init__(self) -> None:
        self.tries = 0

    async def group_send(self, *_) -> None:
        self.tries += 1
        await asyncio.Event().wait()


async def test_a_frozen_layer_holds_up_one_message_for_half_a_second_and_then_none(monkeypatch, caplog):
    layer = Frozen()
    monkeypatch.setattr(broadcast, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(broadcast, "PAUSE", 2 * LIMIT)
    monkeypatch.setattr(broadcast, "_away_until", 0.0)
    assert broadcast.TIMEOUT == 0.5
    async with asyncio.timeout(LIMIT):
        for _ in range(3):
            await broadcast.abroadcast_org_event(org_id=1, payload={})
    assert layer.tries == 1
    assert caplog.text.count("does not answer (TimeoutError)") == 1
