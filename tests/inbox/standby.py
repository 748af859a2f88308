"""A standby of the test run's own PostgreSQL."""

from typing import Any

import psycopg
from django.db import connection

from servers import Postgres, Standby
from tests.waiting import wait_until


class OurPrimary(Postgres):
    """The test run's own, as a standby sees it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    @property
    def url(self) -> str:
        return "postgres://{USER}@{HOST}:{PORT}/{NAME}".format_map(self.settings)


class OfTheTestDatabase(Standby):
    unsafe_but_fast = (
        *Standby.unsafe_but_fast,
        "wal_retrieve_retry_interval=100ms",
        "hot_standby_feedback=on",
    )

    @property
    def url(self) -> str:
        name = connection.settings_dict["NAME"]
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def pause(self) -> None:
        """Let it have what there is, and nothing more."""
        caught_up(self)
        with psycopg.connect(self.url, autocommit=True) as direct:
            direct.execute("SELECT pg_wal_replay_pause()")
            state = "SELECT pg_get_wal_replay_pause_state()"
            wait_until(lambda: direct.execute(state).fetchone() == ("paused",), "the standby pauses")

    def go_on(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as direct:
            direct.execute("SELECT pg_wal_replay_resume()")


def caught_up(standby: Standby) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
        written = cursor.fetchone()[0]
    with psycopg.connect(standby.url, autocommit=True) as direct:
        reached = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        wait_until(lambda: direct.execute(reached, [written]).fetchone()[0], "the standby catches up")
