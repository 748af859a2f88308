"""Each process says every few seconds that it lives, in a thread and on a connection of its own: what it is, what its
clock says, its ten figures and what it depends on. While the database is away it says nothing. The only module that
writes heartbeats."""

import dataclasses
import datetime as dt
import logging
import os
import socket
import threading
from typing import Any

from django.db import Error
from django.utils import timezone

from base import dependencies
from base.asgi import Application, Channel, Message, Scope
from base.database_troubles import tell
from base.own_connection import models_ask_it
from base.release import VERSION
from operations import lookers
from operations.models import Heartbeat
from operations.ten import ten
from realtime.broadcast import look_for_layer

logger = logging.getLogger(__name__)

EVERY = 10.0  # seconds
KEPT = dt.timedelta(hours=1)
TIDY = dt.timedelta(minutes=5)
LOT = 1_000
STOP = 1.0  # seconds that the end of a process waits for one that is under way

_started_at = timezone.now()
_next_tidying = dt.datetime.min.replace(tzinfo=dt.UTC)


class Beating:
    """Of this process, between `start` and `stop`."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(STOP)

    def _run(self) -> None:
        while True:
            self._say()
            if self._stopped.wait(EVERY):
                return self._say(is_last=True)

    def _say(self, *, is_last: bool = False) -> None:
        try:
            look_for_layer()
            beat(self._kind, is_last=is_last)
        except Error as error:
            tell(error)
        except Exception:
            logger.exception("A heartbeat failed")


def beat(kind: str, *, is_last: bool = False) -> None:
    """Say it once, and to who looks at the Health page that there is something new. Raises what the database raises."""
    with models_ask_it():
        heartbeat = this_process()
        heartbeat.kind, heartbeat.is_last = kind, is_last
        heartbeat.clock_ahead = clock_ahead()
        heartbeat.figures = dataclasses.asdict(ten())
        heartbeat.save(force_insert=True)
    dependencies.WRITING.works()
    lookers.tell()


def this_process() -> Heartbeat:
    """Make one, not saved, of what this process is and depends on."""
    return Heartbeat(
        host=socket.gethostname()[:100],
        pid=os.getpid(),
        release=VERSION[:40],
        started_at=_started_at,
        dependencies=[_words(state) for state in dependencies.states()],
    )


def tidy(now: dt.datetime) -> dt.datetime:
    """Delete those that are older than is shown. Returns when to look again."""
    global _next_tidying
    if now >= _next_tidying:
        old = list(Heartbeat.objects.filter(at__lt=now - KEPT).values_list("pk", flat=True)[:LOT])
        Heartbeat.objects.filter(pk__in=old).delete()
        _next_tidying = now if len(old) == LOT else now + TIDY
    return _next_tidying


def beating(lifespan: Application) -> Application:
    """Wrap the ASGI application that has a server's lifespan: heartbeats begin when it has started."""

    async def wrapped(scope: Scope, receive: Channel, send: Channel) -> None:
        beats = Beating(Heartbeat.Kind.SERVER)

        async def heard(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                beats.start()
            elif message["type"] == "lifespan.shutdown.complete":
                beats.stop()
            await send(message)

        await lifespan(scope, receive, heard)

    return wrapped


def clock_ahead() -> float:
    """Give the seconds that this process's clock is ahead of the database's; SQLite has no clock of its own."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return 0.0
    with connection.cursor() as cursor:
        asked = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        theirs: dt.datetime = cursor.fetchone()[0]
        answered = timezone.now()
    return (asked + (answered - asked) / 2 - theirs).total_seconds()


def _words(state: dependencies.State) -> dict[str, Any]:
    since = state.since.isoformat() if state.since else None
    return {**state._asdict(), "since": since, "seconds": round(state.seconds, 1)}
