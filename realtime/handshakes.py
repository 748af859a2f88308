"""How many sockets one address may try to open, before any look into the database.

The numbers are for an office behind one address, which comes back all at once after a restart. They stop a client that
hammers; what one user may hold is the hub's to say.
"""

import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

from realtime import addresses, codes
from realtime.reads import Refused
from realtime.refusals import refused

WINDOW = 60.0  # seconds
REMEMBERED = 10_000  # addresses; beyond it, the one that was silent for longest is forgotten


class Handshakes:
    """For each address a store of `per_minute` handshakes, which fills up again within a minute, and `pending` of them
    at a time. Pure: the caller brings the clock."""

    def __init__(self, per_minute: int, pending: int) -> None:
        self.per_minute, self.pending = per_minute, pending
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # handshakes left, at which time
        self._pending: dict[str, int] = {}

    def begin(self, address: str, now: float) -> bool:
        """Count a handshake that came at `now` (seconds, of any clock that never goes back). One that may go on must
        be followed by `end`."""
        pending = self._pending.get(address, 0)
        allowed = self._take_one(address, now) and pending < self.pending
        if allowed:
            self._pending[address] = pending + 1
        return allowed

    def end(self, address: str) -> None:
        self._pending[address] -= 1
        if not self._pending[address]:
            del self._pending[address]

    def _take_one(self, address: str, now: float) -> bool:
        left, since = self._left.pop(address, (float(self.per_minute), now))
        left = min(self.per_minute, left + (now - since) * self.per_minute / WINDOW)
        self._left[address] = (left - 1 if left >= 1 else left), now
        if len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return left >= 1


_handshakes = Handshakes(settings.HANDSHAKES_PER_MINUTE, settings.HANDSHAKES_PENDING)


@contextmanager
def counted_handshake(scope: dict[str, Any]) -> Iterator[None]:
    """Count one handshake for as long as it lasts. Raises Refused when its address has had enough."""
    address = address_of(scope)
    if address is None:
        yield
        return
    if not _handshakes.begin(address, time.monotonic()):
        refused("Too many handshakes", f"from {address}")
        raise Refused(codes.TOO_MANY)
    try:
        yield
    finally:
        _handshakes.end(address)


def address_of(scope: dict[str, Any]) -> str | None:
    """Find the client's: behind a proxy that it trusts, uvicorn has put it here."""
    return addresses.address_of((scope.get("client") or ("",))[0])
