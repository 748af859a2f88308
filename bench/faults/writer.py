"""The process that writes: for each organization a thread that comments on its tasks at a steady rate. In between it
does what its input says, line by line, and answers each command with a line.

Every write stands in a file, the book, as soon as it is done, so that a killed writer leaves a true one.
"""

import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import django
import msgspec

from bench.faults.book import ROLLED_BACK, Book, Target, Written

PAUSE = 0.05  # seconds between two looks of a writer that writes nothing


class RollBack(Exception):
    """What a row of the matrix raises on purpose."""


class Writer(threading.Thread):
    """Writes to one organization. `rate` is in writes a second; 0 is a pause."""

    def __init__(self, target: Target, rate: float, book: Book) -> None:
        super().__init__(daemon=True)
        from orgs.models import User

        self.target, self.rate, self._book = target, rate, book
        self._actor = User.objects.get(pk=target.actor_id)
        self._writing = threading.Lock()
        self._tasks = cycle(target.task_ids)
        self._orders: queue.Queue[tuple[Callable[[], list[Any]], Future[Written]]] = queue.Queue()

    def order(self, write: Callable[[], list[Any]]) -> Written:
        """Have it done in this thread, between two others, and wait for it."""
        done: Future[Written] = Future()
        self._orders.put((write, done))
        return done.result()

    def set_rate(self, rate: float) -> None:
        """When it returns, the write that was under way is in the book."""
        self.rate = rate
        with self._writing:
            return

    def run(self) -> None:
        due = time.monotonic()
        while True:
            pause = PAUSE
            if self.rate:
                due = max(due + 1 / self.rate, time.monotonic())
                pause = max(due - time.monotonic(), 0.001)
            try:
                write, done = self._orders.get(timeout=pause)
            except queue.Empty:
                with self._writing:
                    if self.rate:
                        self.enter(self.comment)
            else:
                done.set_result(self.enter(write))

    def enter(self, write: Callable[[], list[Any]]) -> Written:
        """Do it and put it in the book; what fails stands there too."""
        from django.db import close_old_connections

        began = time.monotonic()
        positions, problem = [], ""
        try:
            positions = [event.position for event in write()]
        except RollBack:
            problem = ROLLED_BACK
        except Exception as error:  # noqa: BLE001 - a row may break anything; the book says what it was
            problem = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        close_old_connections()
        written = Written(self.target.org_id, began, time.monotonic(), positions, problem)
        self._book.enter(written)
        return written

    # --- What it can write ---------------------------------------------------------------------------------

    def command(self, size: int = 4) -> Any:
        from tasks.commands import CommentOnTask

        return CommentOnTask(task_id=next(self._tasks), text="ding " * (size // 5) or "ding")

    def comment(self, size: int = 4) -> list[Any]:
        from tasks.services import execute

        return execute(self.command(size), actor=self._actor)

    def burst(self, count: int, size: int) -> list[Any]:
        """All at once: one transaction, and its announcements one after the other."""
        from tasks.services import execute_together

        return execute_together([self.command(size) for _ in range(count)], actor=self._actor)

    def roll_back(self) -> list[Any]:
        from orgs.transactions import write_transaction

        with write_transaction():
            self.comment()
            raise RollBack

    def roll_back_to_savepoint(self) -> list[Any]:
        """The first of two stays."""
        from orgs.transactions import write_transaction

        with write_transaction():
            kept = self.comment()
            with suppress(RollBack):
                self.roll_back()
        return kept

    def hold(self, seconds: float) -> list[Any]:
        """Leave the transaction open for so long."""
        from orgs.transactions import write_transaction

        with write_transaction():
            events = self.comment()
            time.sleep(seconds)
        return events

    def die_unannounced(self) -> list[Any]:
        """SIGKILL to this process at the moment of the announcement. With the product that is after the commit and
        before the broadcast; a naive one announces inside the transaction, so it dies after the broadcast, before
        the commit."""
        from orgs.transactions import announced
        from tasks import services

        began, announce = time.monotonic(), services.announce  # type: ignore[attr-defined]

        def enter_and_die(*, message: dict[str, Any], **_: Any) -> None:
            positions = [event["frame"]["position"] for event in message["events"]]
            self._book.enter(Written(self.target.org_id, began, time.monotonic(), positions))
            os.kill(os.getpid(), signal.SIGKILL)

        def announce_and_die(group: str, message: dict[str, Any]) -> None:
            announce(group, message)
            os.kill(os.getpid(), signal.SIGKILL)

        if announced.disconnect(dispatch_uid="realtime"):
            announced.connect(enter_and_die, weak=False)
        else:
            services.announce = announce_and_die  # type: ignore[attr-defined]
        return self.comment()


def obey(writers: list[Writer], command: dict[str, Any]) -> Written | None:
    """Returns what was written on command."""
    writer: Writer = writers[command.get("target", 0)]
    match command:
        case {"do": "rate", "rate": rate}:
            for each in writers:
                each.set_rate(rate / len(writers))
            return None
        case {"do": "burst", "count": count, "size": size}:
            return writer.order(lambda: writer.burst(count, size))
        case {"do": "hold", "seconds": seconds}:
            return writer.order(lambda: writer.hold(seconds))
        case {"do": "roll back"}:
            return writer.order(writer.roll_back)
        case {"do": "roll back to savepoint"}:
            return writer.order(writer.roll_back_to_savepoint)
        case {"do": "die unannounced"}:
            return writer.order(writer.die_unannounced)
    raise ValueError(f"unknown command {command}")


def main(book: str) -> None:
    django.setup()
    first = msgspec.json.decode(sys.stdin.buffer.readline())
    targets = msgspec.convert(first["targets"], list[Target])
    writers = [Writer(target, 0, Book(Path(book))) for target in targets]
    for writer in writers:
        writer.start()
    print("{}", flush=True)
    for line in sys.stdin.buffer:
        try:
            written = obey(writers, msgspec.json.decode(line))
        except Exception:  # noqa: BLE001 - whoever asked must not wait for ever
            traceback.print_exc()
            os._exit(1)
        print(msgspec.json.encode(written).decode(), flush=True)
    os._exit(0)  # threads may wait for a database that is gone


if __name__ == "__main__":
    main(sys.argv[1])
