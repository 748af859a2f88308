"""Run the followers in a process of their own, or say how far they are."""

import datetime as dt
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from base.exposition import CannotShow, shown
from config.connections import limit_statements
from events.management.command import LogCommand
from followers.beside import Beside
from followers.lag import Lag, lag_of
from followers.loop import Loop
from followers.progress import measured
from followers.register import FOLLOWERS
from operations.heartbeats import Beating
from operations.models import Heartbeat
from outbound.figures import figures
from realtime.stopping import stops_well
from webhooks.standing import totals

SAMPLE = 1.0  # seconds for which it is looked how fast who is behind goes on


class Command(LogCommand):
    help = "Run the followers of the logs, and what is due at a time, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--status",
            action="store_true",
            help="say how far they are; exit code 1 if an event waits for over a minute",
        )

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except CommandError as error:
            if not options["status"]:
                error.returncode = 1  # a start that fails, as `serve` says it
            raise

    def handle(self, *args: Any, status: bool, **options: Any) -> None:
        if status:
            self._say_status()
            return
        stops_well()  # also while it starts
        limit_statements()  # of a process that stands still, the database ends the transaction
        loop, beside, beats = Loop(), Beside(), Beating(Heartbeat.Kind.FOLLOWER)

        def stop(*_: Any) -> None:
            loop.stop()
            beside.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        self.stdout.write(f"Following the logs: {', '.join(FOLLOWERS)}. Ctrl-C stops it.")
        self.stdout.flush()
        try:
            with shown(settings.METRICS):
                beside.start()
                beats.start()
                loop.run()
                beats.stop()
                beside.join()
        except CannotShow as error:
            raise CommandError(str(error)) from error

    def _say_status(self) -> None:
        now = timezone.now()
        lags = [lag_of(name) for name in FOLLOWERS]
        for lag in lags:
            self.stdout.write(f"{lag.follower}: {_words(lag, now)}")
        if behind := [lag.follower for lag in lags if lag.behind]:
            for progress in measured(behind, SAMPLE):
                self.stdout.write(progress.words())
        for each in figures():
            self.stdout.write(each.words(now))
        self.stdout.write(totals().words(now))
        if any(lag.is_late(now) for lag in lags):
            sys.exit(1)


def _words(lag: Lag, now: dt.datetime) -> str:
    if not lag.behind:
        return f"{lag.logs:,} logs, all taken"
    waits = f", the oldest for {(now - lag.oldest).total_seconds():,.0f} s" if lag.oldest else ""
    return f"{lag.logs:,} logs, {lag.behind:,} behind, by up to {lag.furthest:,} events{waits}"
