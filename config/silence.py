"""A PostgreSQL that takes what it is sent and never answers: a network in between may acknowledge for it, so that
nothing that TCP knows of ends the waiting."""

from typing import Any

import psycopg
from psycopg import errors

SLACK = 5.0  # seconds beyond those after which PostgreSQL itself would have given up


def connection_class(statement_timeout: int) -> type[psycopg.Connection[Any]]:
    """Of connections that end when no answer comes, some time after PostgreSQL itself would have ended the statement
    (`statement_timeout` in milliseconds)."""
    patience = statement_timeout / 1000 + SLACK

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, timeout or patience)
            except errors._WaitTimeout as error:
                self.pgconn.finish()  # whatever comes of it now is no answer to the next question
                raise psycopg.OperationalError(f"no answer within {patience:g} s") from error

    return Impatient
