"""How often a piece of work waits for PostgreSQL while it holds locks."""

import tempfile

from django.db import connection


def waits_in_a_transaction(work):
    """Count in libpq's own record how often the server was waited for after BEGIN and before COMMIT."""
    with tempfile.TemporaryFile("w+") as trace:
        connection.ensure_connection()
        driver = connection.connection.pgconn
        driver.trace(trace.fileno())
        try:
            work()
        finally:
            driver.untrace()
        trace.seek(0)
        return waits_in(trace.read())


def waits_in(trace):
    waits, asked, inside = 0, False, False
    for line in trace.splitlines():
        parts = line.split("\t")
        side = next((part for part in parts if part in ("F", "B")), None)
        inside = (inside or '"BEGIN' in line) and '"COMMIT"' not in line
        if side == "B" and asked and inside:
            waits += 1
        asked = side == "F" if side else asked
    assert '"BEGIN' in trace
    return waits
