"""Mail in a hurry, as an app: a row of the matrix lasts for seconds. With DIE_AT its process is killed right after that
step, the first time that it gets there; with CLOCK_OFF its clock is wrong."""

import datetime as dt
import os
import signal
from collections.abc import Callable
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.utils import timezone

GATHER = 0.3  # seconds
LEASE = 3.0

STEPS = {
    "gathering": ("outbound.gathering", "_write"),  # in the transaction that moves the cursor
    "making": ("outbound.making", "_insert"),  # in the transaction that takes gatherings away
    "made": ("outbound.making", "_make_lot"),
    "claimed": ("outbound.sending", "claim"),
    "sent": ("outbound.sending", "outcome_of"),
    "recorded": ("outbound.sending", "record"),
}


class QuickMailConfig(AppConfig):
    name = "bench.faults.quick_mail_app"
    label = "quick_mail"

    def ready(self) -> None:
        from followers.leases import Leases
        from followers.register import FOLLOWERS
        from outbound import sending
        from outbound.mail.channel import Mail

        Mail.gather, FOLLOWERS["mail"].rests = GATHER, GATHER
        sending.LEASE = dt.timedelta(seconds=LEASE)
        sending.SHORTEST_PAUSE = sending.LONGEST_ABSENCE = 1.0
        Leases.__init__.__defaults__ = (LEASE,)
        if settings.CLOCK_OFF:
            _set_clock(dt.timedelta(seconds=settings.CLOCK_OFF))
        if settings.DIE_AT:
            _die_after(*STEPS[settings.DIE_AT])


def _set_clock(off: dt.timedelta) -> None:
    timezone.now = lambda: dt.datetime.now(dt.UTC) + off


def _die_after(module: str, name: str) -> None:
    from importlib import import_module

    where = import_module(module)
    step: Callable[..., Any] = getattr(where, name)

    def fatal(*args: Any, **kwargs: Any) -> Any:
        did = step(*args, **kwargs)
        # Where there was nothing to be done, it was no step.
        if did or name == "record" or (name in ("_write", "_insert") and args[0]):
            os.kill(os.getpid(), signal.SIGKILL)
        return did

    setattr(where, name, fatal)
