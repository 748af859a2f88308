"""A connection of an event loop to PostgreSQL for hints alone, beside the pool: one listens, another one notifies."""

from __future__ import annotations

import asyncio
from typing import Any, Self

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import waiting

OF_CURSORS = ("cursor_factory", "context")  # of what Django tells psycopg: nothing is read here


class HintConnection(psycopg.AsyncConnection[Any]):
    @classmethod
    async def open(cls) -> Self:
        """Connect as the product does, or to LISTEN_URL. Raises psycopg.Error."""
        return await cls.connect(autocommit=True, **_parameters())

    async def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ASYNC109
        """Give the connection up with what was asked of it. psycopg's own would ask the server to stop first, and a
        server that is frozen answers nothing."""
        try:
            return await waiting.wait_async(gen, self.pgconn.socket, interval=interval, timeout=timeout)
        except asyncio.CancelledError:
            self.pgconn.finish()
            raise

    def __del__(self, *_: Any) -> None:
        """Go quietly with the loop that it was for: nothing of it is worth a warning."""


def _parameters() -> dict[str, Any]:
    own = connection.copy()
    options = own.settings_dict["OPTIONS"] | settings.LISTEN_URL.get("OPTIONS", {})
    own.settings_dict |= settings.LISTEN_URL | {"OPTIONS": options}
    told = own.get_connection_params() | {"application_name": "carillon hints"}
    return {name: value for name, value in told.items() if name not in OF_CURSORS}
