"""Both do what asyncio's own do: each test runs with either."""

import asyncio
from contextlib import suppress

import pytest

from realtime.small_queues import Gate, Mailbox


@pytest.fixture(params=[asyncio.Event, Gate])
async def gate(request):
    return request.param()


@pytest.fixture(params=[asyncio.Queue, Mailbox])
async def mailbox(request):
    return request.param()


async def waiters(work, count: int) -> list[asyncio.Task]:
    tasks = [asyncio.ensure_future(work()) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_a_gate_lets_all_through_once_it_is_open(gate):
    tasks = await waiters(gate.wait, 3)
    assert not any(task.done() for task in tasks)
    gate.set()
    gate.clear()
    assert await asyncio.gather(*tasks) == [True] * 3, "though it is shut again"
    assert not gate.is_set()


async def test_an_open_gate_holds_nobody_up(gate):
    gate.set()
    with pytest.raises(StopIteration):
        gate.wait().send(None)
    assert gate.is_set()


async def test_who_gives_up_waiting_disturbs_nobody(gate):
    tasks = await waiters(gate.wait, 2)
    tasks[0].cancel()
    gate.set()
    with suppress(asyncio.CancelledError):
        await tasks[0]
    assert await tasks[1] is True
    assert tasks[0].cancelled()


async def test_a_mailbox_gives_what_came_in_order(mailbox):
    assert mailbox.empty()
    mailbox.put_nowait(1)
    mailbox.put_nowait(2)
    assert not mailbox.empty()
    assert [await mailbox.get(), await mailbox.get()] == [1, 2]
    assert mailbox.empty()


async def test_each_message_is_got_once_however_many_wait(mailbox):
    tasks = await waiters(mailbox.get, 3)
    tasks[0].cancel()
    mailbox.put_nowait(1)
    mailbox.put_nowait(2)
    assert sorted(await asyncio.gather(*tasks[1:])) == [1, 2]
    assert mailbox.empty()
