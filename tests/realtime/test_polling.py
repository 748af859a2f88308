"""What each process does on its own: it polls and sweeps, whatever fails."""

import asyncio
from types import SimpleNamespace

import pytest

from realtime import codes, polling
from tests.waiting import until


class PlayedHub:
    """One organization's log, whose head moves as it is told; the database may be away."""

    def __init__(self) -> None:
        self.logs = {1: SimpleNamespace(hinted=0, expected=0)}
        self.head = self.restarts = self.looks = 0
        self.layer = SimpleNamespace(restart=self.restart)
        self.error: Exception | None = None

    def measure(self) -> None:
        pass

    async def look(self, org_ids, by) -> dict[int, int]:
        self.looks += 1
        if self.error:
            raise self.error
        return dict.fromkeys(org_ids, self.head)

    def restart(self) -> None:
        self.restarts += 1


@pytest.fixture
def hub():
    return PlayedHub()


async def test_a_hint_that_has_not_come_by_the_next_poll_was_missed(hub):
    hub.head = 5
    await polling.poll(hub)
    assert hub.restarts == 0, "it may be on its way"
    await polling.poll(hub)
    assert hub.restarts == 1


async def test_a_hint_that_came_meanwhile_was_not_missed(hub):
    hub.head = 5
    await polling.poll(hub)
    hub.logs[1].hinted = 5
    await polling.poll(hub)
    assert hub.restarts == 0


async def test_nobody_expects_hints_of_what_happened_before_the_group_was_joined(hub):
    hub.head = 5
    await polling.after_joining(hub, [1])
    for _ in range(2):
        await polling.poll(hub)
    assert hub.restarts == 0


async def test_a_loop_outlives_a_database_that_is_away_and_tells_of_it_once(hub, caplog):
    hub.error = OSError("the database is away")
    loop = asyncio.create_task(polling.for_ever(lambda: 0.001, lambda: polling.poll(hub)))
    try:
        await until(lambda: hub.looks > 3, "it tries again")
        hub.error, hub.head = None, 5
        await until(lambda: hub.logs[1].expected == 5, "it goes on")
    finally:
        loop.cancel()
    assert caplog.text.count("the database is away") == 1


class Wire:
    def __init__(self, stuck_for: float | None) -> None:
        now = asyncio.get_running_loop().time()
        self.stuck_since = None if stuck_for is None else now - stuck_for
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True

    def tick(self) -> None: ...


@pytest.mark.parametrize(("stuck_for", "aborted"), [(None, False), (5, False), (14.5, True), (60, True)])
async def test_who_takes_nothing_for_fifteen_seconds_is_ended(stuck_for, aborted):
    reader = SimpleNamespace(wire=Wire(stuck_for), retires_at=float("inf"))
    await polling.sweep(SimpleNamespace(measure=lambda: None, readers=lambda: [reader]))
    assert reader.wire.aborted is aborted


async def test_old_sockets_are_closed(hub):
    closed = []
    ages = [-1, 1000]
    now = asyncio.get_running_loop().time()
    readers = [
        SimpleNamespace(
            wire=Wire(None), retires_at=now + age, close=lambda code, age=age: closed.append((age, code))
        )
        for age in ages
    ]
    await polling.sweep(SimpleNamespace(measure=lambda: None, readers=lambda: readers))
    assert closed == [(-1, codes.TOO_OLD)]
