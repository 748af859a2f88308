"""What is refused is said once a minute in all for each kind, however often it happens: whoever can make us refuse must
not be able to fill the log. Nothing that a client sent stands in a line."""

import asyncio
import logging
from collections.abc import Callable

from base.figures import counter

logger = logging.getLogger(__name__)

EVERY = 60.0  # seconds

REFUSALS = counter(
    "refusals", "Connections, handshakes and sockets turned away, by the words of the log.", ["kind"]
)


class Refusals:
    """Says the first of a kind at once, and how many more there were once a minute while there are any. Pure: the
    caller brings the clock and the log."""

    def __init__(
        self, later: Callable[[float, Callable[[], None]], object], say: Callable[[str], None]
    ) -> None:
        self._later, self._say = later, say
        self._unsaid: dict[str, int] = {}  # kinds of which a line was written within the last minute

    def add(self, kind: str, example: str) -> None:
        if kind in self._unsaid:
            self._unsaid[kind] += 1
            return
        self._say(f"{kind} {example}".rstrip())
        self._open_minute(kind)

    def _open_minute(self, kind: str) -> None:
        self._unsaid[kind] = 0
        self._later(EVERY, lambda: self._close_minute(kind))

    def _close_minute(self, kind: str) -> None:
        if more := self._unsaid.pop(kind):
            self._say(f"{kind}: {more} more in the last minute")
            self._open_minute(kind)


_refusals = Refusals(lambda delay, call: asyncio.get_running_loop().call_later(delay, call), logger.warning)


def refused(kind: str, example: str = "") -> None:
    """Count one, on the event loop. `kind` is one of few sentences; `example` says what it was about, such as
    'from 192.0.2.7'."""
    REFUSALS.labels(kind.rstrip(",")).inc()
    _refusals.add(kind, example)
