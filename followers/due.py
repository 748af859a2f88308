"""What is due at a time, also when nobody has a page open: one place for all of it.

    due.register("snoozes", wake_snoozed)

`wake_snoozed(now)` does what is due by `now` and returns when the next is due, or None. One process at a time does it,
by a lease; it may still be called twice for the same moment, so it must find out by itself what is due, in short
transactions of its own. It is asked again when it said, and every few seconds: what comes to be due sooner is found."""

import datetime as dt
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from followers.leases import Leases

logger = logging.getLogger(__name__)

Do = Callable[[dt.datetime], dt.datetime | None]
DUE: dict[str, Do] = {}
RETRY = dt.timedelta(seconds=30)  # after a failure


def register(name: str, do: Do) -> None:
    DUE[name] = do


class Clock:
    """One worker's part in what is due."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self._next: dict[str, dt.datetime] = {}

    def run(self) -> float:
        """Do what is due. Returns the seconds until something may be due again. Raises what says that the database is
        away."""
        for name, do in DUE.items():
            if self._next.get(name, _BEGINNING) <= (now := timezone.now()):
                self._next[name] = self._do(name, do, now)
        pause = min(self._next.values(), default=_END) - timezone.now()
        return max(0.0, pause.total_seconds())

    def _do(self, name: str, do: Do, now: dt.datetime) -> dt.datetime:
        look = now + dt.timedelta(seconds=settings.POLL_SECONDS)
        if not self._leases.take(f"due {name}"):
            return look
        try:
            return min(do(now) or look, look)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("What is due could not be done: %s", name)
            return now + RETRY


_BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)
_END = dt.datetime.max.replace(tzinfo=dt.UTC)
