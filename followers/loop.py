"""The loop that runs all followers and what is due, in one thread of a process. Several processes share the work by
leases. It wakes by hints, looks at all logs every few seconds without them, and goes on whatever fails."""

import logging
import random
import threading
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import Error
from django.utils import timezone

from base.announcements import announced, org_of_group
from base.connections import give_back
from base.database_troubles import tell
from base.dependencies import reason_of
from base.figures import ask, counter, gauge
from followers.batches import lease_of, take_batch
from followers.due import Clock
from followers.lag import Behind, Lag, lag_of, logs_behind
from followers.leases import Leases, Lost
from followers.register import FOLLOWERS, Follower

logger = logging.getLogger(__name__)

GATHER = 0.1  # seconds from a hint to the look: a burst is taken in few batches
VISIT = 1.0  # seconds for one log before the others have their turn
MOST_LOGS = 1_000  # that one look brings
LONGEST_PAUSE = 30.0  # seconds before what failed is tried again
TELL = 60.0  # seconds between two looks at how far behind they are

BEHIND = gauge(
    "follower_behind_events", "Events not taken of the log furthest behind.", ["follower"], shared=True
)
OLDEST = gauge(
    "follower_oldest_timestamp_seconds",
    "When the oldest event happened that is not taken; 0 where all are.",
    ["follower"],
    shared=True,
)
FAILURES = counter("follower_failures", "Batches that a follower could not take.", ["follower"])


@dataclass
class Trouble:
    """Of a follower in a log. `most`: so few events at a time that the one it fails at is found."""

    failures: int = 0
    again_at: float = 0.0
    most: int = 1


class Loop:
    def __init__(self, followers: Iterable[Follower] | None = None) -> None:
        self._followers = list(FOLLOWERS.values() if followers is None else followers)
        self._leases = Leases()
        self._clock = Clock(self._leases)
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._hinted: set[int] = set()
        self._troubles: dict[str, Trouble] = {}
        self._rests_until: dict[str, float] = {}
        self._look_at = self._tell_at = 0.0
        self._pause = 0.0  # beyond 0 while the database is away

    def stop(self) -> None:
        """End it after the batch that is under way. From any thread."""
        self._stopped.set()
        self._woken.set()

    def hint(self, organization_id: int) -> None:
        """Say that there is something new in this log. From any thread."""
        self._hinted.add(organization_id)
        self._woken.set()

    def run(self) -> None:
        """Work until it is stopped."""
        announced.connect(self._hear, weak=False, dispatch_uid=self)
        try:
            while not self._stopped.is_set():
                self._woken.wait(self._round_safely())
                self._stopped.wait(GATHER)
        finally:
            announced.disconnect(dispatch_uid=self)
            self._leave()

    def round(self) -> float:
        """Work on the logs that were hinted at, or on all that are behind if it is time to look. Returns the seconds
        that may pass until the next."""
        self._woken.clear()
        hinted: Collection[int] | None = [self._hinted.pop() for _ in range(len(self._hinted))]
        now = time.monotonic()
        if now >= self._look_at:
            hinted, self._look_at = None, now + settings.POLL_SECONDS
        if hinted is None or hinted:
            left = [self._follow(follower, hinted) for follower in self._followers]
            if any(left):
                self._look_at = 0.0
        due_in = self._clock.run()
        if now >= self._tell_at:
            self._tell()
            self._tell_at = now + TELL
        return max(0.0, min(due_in, self._look_at - time.monotonic()))

    def _round_safely(self) -> float:
        try:
            pause = self.round()
            self._pause = 0.0
        except Error as error:
            if not tell(error) and not self._pause:
                logger.warning("Followers wait for the database: %s", reason_of(error))
            self._pause = pause = min(LONGEST_PAUSE, 2 * self._pause or 0.5)
            self._woken.clear()
            self._look_at = 0.0
        except Exception:
            logger.exception("Followers: a round failed")
            pause = LONGEST_PAUSE
        finally:
            give_back()
        return pause

    def _follow(self, follower: Follower, organization_ids: Collection[int] | None) -> bool:
        """Visit the logs that the follower is behind in. True where more is left."""
        behind = logs_behind(follower.name, organization_ids, MOST_LOGS)
        random.shuffle(behind)  # several processes begin with different ones
        is_left = False
        for log in behind:
            if not self._stopped.is_set():
                is_left |= self._visit(follower, log)
        return is_left

    def _visit(self, follower: Follower, log: Behind) -> bool:
        """Work on one log for a moment. True where more is left."""
        organization_id = log.organization_id
        name = lease_of(follower, organization_id)
        if self._rests(name) or not self._leases.take(name):
            return False
        is_left = False
        try:
            is_left = self._take_for_a_moment(follower, organization_id, name)
        except Lost:
            logger.info(
                "%s: another process works on the log of organization %d", follower.name, organization_id
            )
        except Exception as error:  # noqa: BLE001 - one log's failure stops neither others nor other followers
            give_back()
            self._leases.release(name)  # raises where the database is away, which is no failure of this log
            self._failed(follower, organization_id, name, error)
            return False
        self._leases.release(name)
        if follower.rests and not is_left:
            self._rests_until[name] = time.monotonic() + follower.rests
        return is_left

    def _rests(self, name: str) -> bool:
        """Say whether it is too soon: after a failure, or because the follower wants many events at a time. The next
        look finds the log."""
        trouble, now = self._troubles.get(name), time.monotonic()
        return (trouble is not None and trouble.again_at > now) or self._rests_until.get(name, 0.0) > now

    def _take_for_a_moment(self, follower: Follower, organization_id: int, name: str) -> bool:
        ends = time.monotonic() + VISIT
        while True:
            trouble = self._troubles.get(name)
            most = min(trouble.most, follower.batch) if trouble else follower.batch
            taken = take_batch(follower, organization_id, self._leases, most)
            if trouble:
                trouble.most, trouble.failures = 2 * most, 0
                if trouble.most > follower.batch:
                    del self._troubles[name]
            if not taken:
                return False
            if self._stopped.is_set() or time.monotonic() > ends:
                return True

    def _failed(self, follower: Follower, organization_id: int, name: str, error: Exception) -> None:
        FAILURES.labels(follower.name).inc()
        trouble = self._troubles.setdefault(name, Trouble())
        trouble.failures, trouble.most = trouble.failures + 1, 1
        pause = min(LONGEST_PAUSE, 2.0**trouble.failures / 2)
        trouble.again_at = time.monotonic() + pause
        taken = next((log.taken for log in logs_behind(follower.name, [organization_id])), None)
        logger.error(
            "%s: the events after position %s of organization %d could not be taken, again in %.0f s: %r",
            *(follower.name, taken, organization_id, pause, error),
            exc_info=None if isinstance(error, Error) else error,  # the database's own words say enough
        )

    def _tell(self) -> None:
        now = timezone.now()
        ask()
        for follower in self._followers:
            lag = lag_of(follower.name)
            _measure(lag)
            if lag.is_late(now):
                logger.warning(
                    "%s is behind in %d logs, by up to %d events, the oldest of %s",
                    *(lag.follower, lag.behind, lag.furthest, lag.oldest),
                )

    def _hear(self, *, group: str, **_: Any) -> None:
        if organization_id := org_of_group(group):
            self.hint(organization_id)

    def _leave(self) -> None:
        try:
            self._leases.release_all()
        except Error:
            logger.info("Followers: leases could not be given back; they end by themselves")
        finally:
            give_back()


def _measure(lag: Lag) -> None:
    BEHIND.labels(lag.follower).set(lag.furthest)
    OLDEST.labels(lag.follower).set(lag.oldest.timestamp() if lag.oldest else 0)
