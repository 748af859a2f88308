"""How the database connections of this process are used, where it has a pool of them."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection

from base.figures import gauge, sampled

SIZE = gauge("database_pool_size", "Database connections of this process.")
IN_USE = gauge("database_pool_in_use", "Of them, those that somebody has.")
WAITING = gauge("database_pool_waiting", "Who waits for one.")


@sampled
def measure() -> None:
    if pool := _pool():
        figures = pool.get_stats()
        SIZE.set(figures["pool_size"])
        IN_USE.set(figures["pool_size"] - figures["pool_available"])
        WAITING.set(figures["requests_waiting"])


def _pool() -> Any:
    """Find it; none before the first query, nor on SQLite."""
    pools: dict[str, Any] = getattr(connection, "_connection_pools", {})
    return pools.get(DEFAULT_DB_ALIAS)
