"""Deliveries are sent: claimed, sent outside any transaction, and recorded, in threads of each channel's own. Whoever
dies between sending and recording has that one message sent again, under the same name."""

import datetime as dt
import logging
import random
import threading
import time
from typing import Any

from django.conf import settings
from django.db import Error
from django.db.models import F, Q
from django.db.models.functions import Now

from base.connections import give_back
from base.database_troubles import tell
from base.dependencies import reason_of
from base.transactions import write_transaction
from outbound.channels import Away, Channel, Later, Refused
from outbound.models import Delivery

logger = logging.getLogger(__name__)

LONGEST = 45.0  # seconds that a channel may take for one message
LEASE = dt.timedelta(
    seconds=60
)  # that a claim lasts: longer than that, so that nobody else sends it meanwhile
MOST_ATTEMPTS = 15  # about a day
SHORTEST_PAUSE, LONGEST_PAUSE = 30.0, 4 * 3600.0  # seconds between two attempts
LONGEST_ABSENCE = 60.0  # seconds until a server that is away is asked again
LONGEST_ERROR = 300

State = Delivery.State


def pause_after(attempts: int) -> float:
    """Give the seconds until the next attempt, without the chance that is added to them."""
    return min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** (attempts - 1))


def claim(channel: str) -> Delivery | None:
    """Take the delivery that has been due for longest, unless somebody sends it. By the database's clock, which is one
    for all processes."""
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    due = Delivery.objects.filter(free, channel=channel, state=State.WAITING, due_at__lte=Now())
    with write_transaction():
        locked = due.select_for_update(skip_locked=True).order_by("due_at")
        pk = locked.values_list("pk", flat=True).first()
        if pk is None:
            return None
        Delivery.objects.filter(pk=pk).update(leased_until=Now() + LEASE, attempts=F("attempts") + 1)
        return Delivery.objects.select_related("user").get(pk=pk)


def is_any_due(channel: str) -> bool:
    """Ask without a turn of those who write, whether there may be something to claim."""
    return Delivery.objects.filter(channel=channel, state=State.WAITING, due_at__lte=Now()).exists()


def outcome_of(channel: Channel, delivery: Delivery) -> dict[str, Any]:
    """Send it. Returns what became of it, as columns. Raises Away."""
    try:
        if channel.send(delivery):
            return _ended(State.SENT)
        return _ended(State.DROPPED)
    except Later as later:
        return _again(delivery, str(later), later.seconds)
    except Refused as refused:
        return _ended(State.GIVEN_UP, str(refused))
    except (Away, Error):
        raise
    except Exception as error:
        logger.exception("%s: delivery %d could not be sent", channel.name, delivery.pk)
        return _again(delivery, f"{type(error).__name__} in our own code", None)


def record(delivery: Delivery, outcome: dict[str, Any]) -> None:
    """Write what became of it, unless the claim has ended and it is somebody else's."""
    claimed = Delivery.objects.filter(pk=delivery.pk, state=State.WAITING, leased_until=delivery.leased_until)
    with write_transaction():
        claimed.update(**outcome, leased_until=None)


def postponed(delivery: Delivery, error: str) -> dict[str, Any]:
    """Say that it was no fault of this message: the attempt does not count. Others go first next time."""
    return {
        "attempts": F("attempts") - 1,
        "error": error[:LONGEST_ERROR],
        "due_at": Now() + dt.timedelta(seconds=SHORTEST_PAUSE * (0.2 + random.random() / 5)),  # noqa: S311
    }


def _ended(state: State, error: str = "") -> dict[str, Any]:
    return {"state": state, "error": error[:LONGEST_ERROR], "ended_at": Now(), "content": {}}


def _again(delivery: Delivery, error: str, seconds: float | None) -> dict[str, Any]:
    if delivery.attempts >= MOST_ATTEMPTS:
        return _ended(State.GIVEN_UP, f"{error} (after {delivery.attempts} attempts)")
    pause = max(seconds or 0.0, pause_after(delivery.attempts))
    pause = min(pause, LONGEST_PAUSE) * (1 + random.random() / 5)  # noqa: S311 - so that not all come back at once
    return {"error": error[:LONGEST_ERROR], "due_at": Now() + dt.timedelta(seconds=pause)}


class Senders:
    """Those of one channel in this process, each in a thread. Where the server is away they all wait, and one after
    the other asks whether it is back."""

    def __init__(self, channel: Channel) -> None:
        self.threads = channel.senders
        self._channel = channel
        self._stopped = threading.Event()
        self._asking = threading.Lock()  # held by whoever asks a server that was away
        self._absence = 0.0  # seconds until it is asked again; 0 while it is there
        self._away_until = 0.0
        self._database_pause = 0.0

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """Send what is due until it is stopped."""
        while not self._stopped.is_set():
            pause = self._round_safely()
            give_back()
            self._stopped.wait(pause)

    def round(self) -> float:
        """Send one delivery, if any is due. Returns the seconds until the next."""
        if not self._channel.is_on:
            return float(settings.POLL_SECONDS)
        if self._absence:
            return self._ask()
        return 0.0 if self._send_one() else float(settings.POLL_SECONDS)

    def _round_safely(self) -> float:
        try:
            pause = self.round()
            self._database_pause = 0.0
        except Error as error:
            if not tell(error) and not self._database_pause:
                logger.warning("%s: senders wait for the database: %s", self._channel.name, reason_of(error))
            self._database_pause = pause = min(LONGEST_ABSENCE, 2 * self._database_pause or 0.5)
        except Exception:
            logger.exception("%s: a round of sending failed", self._channel.name)
            pause = LONGEST_ABSENCE
        return pause

    def _ask(self) -> float:
        """Find out whether the server is back, by a message; one thread at a time, and not too often."""
        left = self._away_until - time.monotonic()
        if left > 0:
            return min(left, float(settings.POLL_SECONDS))
        if not self._asking.acquire(blocking=False):
            return float(settings.POLL_SECONDS)
        try:
            return 0.0 if self._send_one() else float(settings.POLL_SECONDS)
        finally:
            self._asking.release()

    def _send_one(self) -> bool:
        if not is_any_due(self._channel.name) or (delivery := claim(self._channel.name)) is None:
            return False
        give_back()
        try:
            outcome = outcome_of(self._channel, delivery)
            if outcome.get("state") != State.DROPPED:  # for that nobody was asked
                self._is_back()
        except Away as away:
            outcome = postponed(delivery, str(away))
            self._is_away(away)
        self._record(delivery, outcome)
        return not self._absence

    def _record(self, delivery: Delivery, outcome: dict[str, Any]) -> None:
        """Record it, also where the database was away for a moment: it has been sent."""
        ends = time.monotonic() + LEASE.total_seconds()
        while True:
            try:
                return record(delivery, outcome)
            except Error:
                give_back()
                if self._stopped.wait(0.5) or time.monotonic() > ends:
                    raise

    def _is_away(self, away: Away) -> None:
        if self._channel.server:
            self._channel.server.failed(away)
        self._absence = min(LONGEST_ABSENCE, 2 * self._absence or 1.0)
        self._away_until = time.monotonic() + self._absence * (1 + random.random() / 5)  # noqa: S311

    def _is_back(self) -> None:
        if self._channel.server:
            self._channel.server.works()
        self._absence = 0.0
