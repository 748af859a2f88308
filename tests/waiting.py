"""Waiting for a condition, with a limit: what tests use in place of sleeping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
STEP = 0.02
LIMIT = 60.0  # seconds: what works comes sooner on any machine, however busy, and what does not is waited for once


def wait_until(condition: Callable[[], T], what: str, limit: float = LIMIT) -> T:
    """Ask until the answer is true and return it; AssertionError after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"waited {limit} s in vain: {what}"
        time.sleep(STEP)
    return answer


async def until(condition: Callable[[], T | Awaitable[T]], what: str, limit: float = LIMIT) -> T:
    """`wait_until` for a test that runs in an event loop; the condition may be awaitable."""
    deadline = time.monotonic() + limit
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {limit} s in vain: {what}"
        await asyncio.sleep(STEP)
