"""What the doctor asks the database: whether it can be written, by whom, whether its schema fits, what others that run
on it say, and how far its clock is from ours."""

import time
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from base.dependencies import DATABASE, duration
from base.models import LastRun
from base.schema_release import refusal
from events.models import TaskEvent
from followers.lag import lag_of
from followers.register import FOLLOWERS
from operations.doctor.verdicts import Said
from operations.health_faults import APART
from operations.health_fleet import fleet
from operations.heartbeats import clock_ahead
from operations.models import Heartbeat

FAILOVER = 12_000  # milliseconds that one may take (docs/cluster.md)


def database() -> Said:
    """Say whether it answers, and takes changes."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    took = 1000 * (time.perf_counter() - began)
    if connection.vendor == "sqlite":
        yield "ok", f"SQLite in {DATABASE.host} answers."
        yield "note", "SQLite serves one worker on one machine; PostgreSQL serves several."
        return
    version = _asked("SHOW server_version").split()[0]
    yield "ok", f"PostgreSQL {version} at {DATABASE.host} answers, within {took:.0f} ms the first time."
    if _asked("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"):
        yield (
            "bad",
            "It takes no changes: it is a standby, or read-only. With several hosts in DATABASE_URL add"
            " ?target_session_attrs=read-write.",
        )
    yield from _rooms()
    yield from _role()
    yield from _waiting_for_a_standby()


def _rooms() -> Said:
    """Compare what the processes may take with what the server gives."""
    most = int(_asked("SHOW max_connections"))
    each = settings.DATABASES["default"]["OPTIONS"].get("pool", {}).get("max_size", 10) + 2
    wanted = settings.WORKERS * each
    if wanted > most:
        yield (
            "bad",
            f"{settings.WORKERS} workers may take {wanted} connections, the server gives {most}:"
            " raise max_connections, or put PgBouncer before it.",
        )


def _role() -> Said:
    table = TaskEvent._meta.db_table
    name = _asked("SELECT current_user")
    if _asked("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass", [table]):
        yield (
            "note",
            f"The role {name} owns the log, so whoever has its password can drop what keeps the log from being"
            " changed: serve by a role that owns nothing (docs/running.md).",
        )


def _waiting_for_a_standby() -> Said:
    """Compare how long a COMMIT may wait with how long a failover takes: one that is stopped while it waits for a
    synchronous standby has been done on one machine alone."""
    limit = int(settings.SERVING_TIMEOUTS.get("statement_timeout", 0))
    if 0 < limit < FAILOVER and _asked("SHOW synchronous_standby_names"):
        yield (
            "note",
            f"There is a synchronous standby, and statements are stopped after {limit / 1000:g} s: have them wait for"
            f" longer than a failover takes, with ?statement_timeout={FAILOVER} in DATABASE_URL (docs/cluster.md).",
        )


def _asked(statement: str, values: list[Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def schema() -> Said:
    if why := refusal(connection):
        yield "bad", why
    else:
        yield "ok", "It fits this release."


def clock() -> Said:
    """Compare this machine's clock with the database's."""
    if connection.vendor == "sqlite":
        return  # it has none of its own
    apart = abs(clock_ahead())
    if apart > APART:
        yield (
            "bad",
            f"This machine's clock and the database's are {duration(apart)} apart: have both keep time by NTP.",
        )
    else:
        yield "ok", f"This machine's clock and the database's are {apart:.1f} s apart."


def processes() -> Said:
    """Say what runs on this database: releases, clocks, followers."""
    running = fleet(timezone.now()).living
    if not running:
        yield "note", "No process has said that it lives: nothing serves this database just now."
        return
    releases = sorted({row.release for row in running})
    hosts = len({row.host for row in running})
    yield "ok", f"Processes that say that they live: {len(running)}; machines: {hosts}."
    if len(releases) > 1:
        yield (
            "note",
            f"Several releases run: {', '.join(releases)}. That is meant while you upgrade, and only then.",
        )
    for row in running:
        if abs(row.clock_ahead) > APART:
            yield "bad", f"The clock of {row} is {duration(abs(row.clock_ahead))} from the database's."
    if not settings.FOLLOW and not any(row.kind == Heartbeat.Kind.FOLLOWER for row in running):
        yield "bad", "FOLLOW=0, and no `carillon follow` runs: no search, no mail, nothing that is due."


def followers() -> Said:
    now = timezone.now()
    late = [lag for lag in map(lag_of, FOLLOWERS) if lag.is_late(now)]
    for lag in late:
        yield (
            "bad",
            f"{lag.follower} is behind in {lag.behind} logs, by up to {lag.furthest} events: does anything follow?",
        )
    if not late:
        yield "ok", "They are where the logs are."


def proofs() -> Said:
    """Say how old the last audit and the last exported heads are."""
    runs = {run.name: run for run in LastRun.objects.all()}
    for name, words, command in (
        ("audit", "audit", "carillon audit_history"),
        ("exported_head", "export of heads", "carillon export_head"),
    ):
        run = runs.get(name)
        if run is None:
            yield "note", f"There was no {words} yet: `{command}`, each night by a timer."
        elif not run.went_well:
            yield "bad", f"The last {words} found something: see `{command}`."
        else:
            yield (
                "ok",
                f"The last {words} was {duration((timezone.now() - run.ended_at).total_seconds())} ago.",
            )
