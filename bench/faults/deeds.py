"""What a writer can do to one organization. Needs Django to be set up."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import cycle
from typing import Any

from base.announcements import announced
from base.messages import LogAppended
from base.transactions import write_transaction
from bench.faults.book import Book, Target, Written
from events.models import TaskEvent
from inbox import commands as steps
from orgs.models import User
from tasks.commands import CommentOnTask
from tasks.services import execute

Events = Sequence[TaskEvent]


class RollBack(Exception):
    """What a row of the matrix raises on purpose."""


class Deeds:
    """Each returns the events that it wrote."""

    def __init__(self, target: Target, book: Book) -> None:
        self._org_id, self._book = target.org_id, book
        self._actor = User.objects.get(pk=target.actor_id)
        self._tasks = cycle(target.task_ids)

    def _command(self, size: int, word: str = "ding ") -> CommentOnTask:
        return CommentOnTask(task_id=next(self._tasks), text=word * (size // len(word)) or "ding")

    def comment(self) -> Events:
        return execute(self._command(4), actor=self._actor)

    def burst(self, count: int, size: int, word: str) -> Events:
        """All at once: one transaction, and its announcements one after the other."""
        with write_transaction():
            saves = [execute(self._command(size, word), actor=self._actor) for _ in range(count)]
        return [event for save in saves for event in save]

    def roll_back(self) -> Events:
        with write_transaction():
            self.comment()
            raise RollBack

    def roll_back_to_savepoint(self) -> Events:
        """The first of two stays."""
        with write_transaction():
            kept = self.comment()
            with suppress(RollBack):
                self.roll_back()
        return kept

    def hold(self, seconds: float) -> Events:
        """Leave the transaction open for so long."""
        with write_transaction():
            events = self.comment()
            time.sleep(seconds)
        return events

    def die_unannounced(self) -> Events:
        """SIGKILL to this process at the moment of the announcement. With the product that is after the commit and
        before the broadcast; a naive one announces inside the transaction, so it dies after the broadcast, before
        the commit."""
        began, announce = time.monotonic(), steps.announce  # type: ignore[attr-defined]

        def enter_and_die(*, message: LogAppended, **_: Any) -> None:
            positions = [event.position for event in message.events]
            self._book.enter(Written(self._org_id, began, time.monotonic(), positions))
            os.kill(os.getpid(), signal.SIGKILL)

        def announce_and_die(group: str, message: Callable[[], LogAppended]) -> None:
            announce(group, message)
            os.kill(os.getpid(), signal.SIGKILL)

        if announced.disconnect(dispatch_uid="realtime"):
            announced.connect(enter_and_die, weak=False)
        else:
            steps.announce = announce_and_die  # type: ignore[attr-defined]
        return self.comment()
