"""The threads of this process that post to webhooks, beside the followers. They wake by what is announced and look
every few seconds; half of them take no receiver that is slow or fails, so that these hold up one another at most."""

import logging
import os
import secrets
import socket
import threading
import time
from typing import Any

from django.conf import settings
from django.db import Error

from base.announcements import announced, org_of_group
from base.connections import give_back
from base.database_troubles import tell
from base.dependencies import reason_of
from webhooks.claiming import claim
from webhooks.delivering import visit
from webhooks.models import Webhook

logger = logging.getLogger(__name__)

THREADS = 8
QUICK = THREADS // 2  # of them: for receivers that answer quickly
GATHER = 0.05  # seconds from a hint to the look: a burst wakes once
LONGEST_PAUSE = 30.0  # seconds before what failed is tried again


class Worker:
    threads = THREADS

    def __init__(self) -> None:
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        self._numbers = iter(range(THREADS))
        self._look_at = {True: 0.0, False: 0.0}  # by whether only quick ones are looked for
        self._followed: frozenset[int] = frozenset()  # organizations that had webhooks at the last look
        self._database_pause = 0.0

    def run(self) -> None:
        """Work until it is stopped. The first thread listens for all."""
        number = next(self._numbers)
        owner, quick_only = f"{self.owner}:{number}", number < QUICK
        if number == 0:
            announced.connect(self._hear, weak=False, dispatch_uid=self)
        try:
            while not self._stopped.is_set():
                pause = self._round_safely(owner, quick_only)
                give_back()
                self._wait(pause, quick_only)
        finally:
            if number == 0:
                announced.disconnect(dispatch_uid=self)

    def stop(self) -> None:
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()

    def hint(self, organization_id: int) -> None:
        """Say that there is something new in this log. From any thread."""
        if organization_id in self._followed:
            with self._changed:
                self._look_at = dict.fromkeys(self._look_at, time.monotonic() + GATHER)
                self._changed.notify_all()

    def round(self, owner: str, *, quick_only: bool) -> bool:
        """Work on one webhook, if one has something to send. False where none has."""
        if quick_only:
            self._followed = frozenset(Webhook.objects.values_list("organization_id", flat=True))
        if not self._followed:
            return False
        webhook = claim(owner, quick_only=quick_only)
        if webhook is None:
            return False
        visit(webhook, owner, self._stopped.is_set)
        return True

    def _round_safely(self, owner: str, quick_only: bool) -> float:
        """Do a round where it is time to look. Returns the seconds until the next."""
        now = time.monotonic()
        with self._changed:
            if self._look_at[quick_only] > now:
                return self._look_at[quick_only] - now
            seen = self._look_at[quick_only]
        try:
            if self.round(owner, quick_only=quick_only):
                with self._changed:  # whoever found nothing meanwhile did not see what is left of it
                    self._look_at = dict.fromkeys(self._look_at, 0.0)
                return 0.0
            self._database_pause = 0.0
            return self._nothing(quick_only, seen)
        except Error as error:
            if not tell(error) and not self._database_pause:
                logger.warning("Webhooks wait for the database: %s", reason_of(error))
            self._database_pause = min(LONGEST_PAUSE, 2 * self._database_pause or 0.5)
            return self._database_pause
        except Exception:
            logger.exception("Webhooks: a round failed")
            return LONGEST_PAUSE

    def _nothing(self, quick_only: bool, seen: float) -> float:
        """Let all look again in a while, unless somebody gave a hint since the look."""
        with self._changed:
            if self._look_at[quick_only] == seen:
                self._look_at[quick_only] = time.monotonic() + settings.POLL_SECONDS
            return max(0.0, self._look_at[quick_only] - time.monotonic())

    def _wait(self, pause: float, quick_only: bool) -> None:
        if pause <= 0 or self._stopped.is_set():
            return
        until = time.monotonic() + pause
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopped.is_set() or self._look_at[quick_only] < until - GATHER, timeout=pause
            )

    def _hear(self, *, group: str, **_: Any) -> None:
        if organization_id := org_of_group(group):
            self.hint(organization_id)
