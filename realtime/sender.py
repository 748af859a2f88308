"""One sender for the whole process: whoever hands it a message goes on, and one event loop at a time sends what waits.

That is the loop on which the process serves its sockets, if it does; else the one that hands over; else one in a
thread of its own. What still waits when the process forks, or ends too late, is lost, as any hint may be.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread  # noqa: F401 - its own ending is registered by then, see `keep`
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

from base.figures import counter
from realtime.outbox import Outbox, Outgoing

logger = logging.getLogger(__name__)

GOODBYE = 0.5  # seconds that the end of a process waits for what is still to be sent
TURN = 32  # messages after which others get a turn: a layer in memory does not give them one

DROPPED = counter("announcements_dropped", "Messages for the channel layer that had to go for newer ones.")


class Sender:
    """`send` sends one message, and must not raise."""

    def __init__(self, send: Callable[[Outgoing], Awaitable[None]], outbox: Outbox | None = None) -> None:
        self._send = send
        self._waiting = Outbox() if outbox is None else outbox
        self._has_ended = False
        self.forget()

    def forget(self) -> None:
        """Begin anew: in a child process neither the parent's loops nor its messages are the child's."""
        self._lock = threading.Lock()
        self._all_sent = threading.Event()
        self._all_sent.set()
        self._waiting.clear()
        self._is_dropping = False
        self._home: asyncio.AbstractEventLoop | None = None
        self._own: tuple[asyncio.AbstractEventLoop, threading.Thread] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # that sends now
        self._round = 0  # of sending until nothing waits: whoever is in an earlier one has been replaced

    def serve_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send on this loop for as long as it runs: the process serves its sockets there."""
        self._home = loop

    def hand_over(self, outgoing: Outgoing) -> None:
        """Put it behind what waits, and wait for nothing."""
        with self._lock:
            if self._has_ended:
                return
            self._tell_of_dropped(self._waiting.put(outgoing))
            if self._loop is not None and self._is_alive(self._loop):
                return
            self._all_sent.clear()
            self._loop, self._round = self._find_loop(), self._round + 1
            with suppress(RuntimeError):  # it was closed this moment: the next message finds another one
                self._loop.call_soon_threadsafe(self._begin, self._loop, self._round)

    def flush(self, seconds: float) -> bool:
        """Wait until all is sent, so long at most; returns whether it is. Not for the loop that sends."""
        return self._all_sent.wait(seconds)

    def end(self) -> None:
        """Send what waits, for a moment at most, and end the thread. Whatever is handed over later is lost."""
        self.flush(GOODBYE)
        with self._lock:
            self._has_ended, own = True, self._own
        if own is not None:
            loop, thread = own
            loop.call_soon_threadsafe(loop.stop)
            thread.join(GOODBYE)

    # --- Loops ---------------------------------------------------------------------------------------------

    def _find_loop(self) -> asyncio.AbstractEventLoop:
        if self._home is not None and self._home.is_running():
            return self._home
        with suppress(RuntimeError):
            return asyncio.get_running_loop()
        if self._own is None:
            runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
            thread = threading.Thread(target=_run, args=(runner,), name="announcements", daemon=True)
            self._own = runner.get_loop(), thread
            thread.start()
        return self._own[0]

    def _is_alive(self, loop: asyncio.AbstractEventLoop) -> bool:
        return loop.is_running() or (self._own is not None and loop is self._own[0])

    # --- Sending -------------------------------------------------------------------------------------------

    def _begin(self, loop: asyncio.AbstractEventLoop, number: int) -> None:
        self._task = loop.create_task(self._send_all(number))  # the loop itself keeps only weak references

    async def _send_all(self, number: int) -> None:
        try:
            while batch := self._take(number):
                for outgoing in batch:
                    await self._send(outgoing)
                await asyncio.sleep(0)
        finally:
            self._end_round(number)

    def _take(self, number: int) -> list[Outgoing]:
        """Take the next few. None are left for who has been replaced; else, with none left, the round is over."""
        with self._lock:
            if number != self._round:
                return []
            batch = [self._waiting.take() for _ in range(min(TURN, len(self._waiting)))]
            if not batch:
                self._all_are_sent()
            return batch

    def _end_round(self, number: int) -> None:
        """Let what waits go, if this round was broken off: its loop is being closed."""
        with self._lock:
            if number == self._round and self._loop is not None:
                self._waiting.clear()
                self._all_are_sent()

    def _all_are_sent(self) -> None:
        self._loop, self._is_dropping = None, False
        self._all_sent.set()

    def _tell_of_dropped(self, count: int) -> None:
        if count:
            DROPPED.inc(count)
        if count and not self._is_dropping:
            logger.warning("More waits for the channel layer than may: the oldest is dropped.")
            self._is_dropping = True


def _run(runner: asyncio.Runner) -> None:
    with runner:  # its end closes the layer's connection too
        runner.get_loop().run_forever()


def keep(sender: Sender) -> None:
    """See it through forks, and through the end of the process: at the beginning of that, while connections can still
    be made. `atexit` comes after the pools of threads, which look up names, have closed, and not in every process."""
    os.register_at_fork(after_in_child=sender.forget)
    threading._register_atexit(sender.end)  # type: ignore[attr-defined]
