"""The end of a run: the writing is over, and stragglers are waited for before the records are judged."""

import time
from collections.abc import Callable, Mapping

from django.db import close_old_connections

from bench.faults.children import Crowd, SocketState
from bench.faults.history import Record, Span
from bench.faults.world import World

QUIET = 3.0  # seconds without a frame after which a system without a cursor brings no more


class Settling:
    """`removed`: user name -> an organization, and the last position there as a member."""

    def __init__(self, crowd: Crowd, world: World, removed: Mapping[str, tuple[int, int]]) -> None:
        close_old_connections()
        self._crowd, self._removed = crowd, removed
        self._heads = world.heads()

    def is_over(self) -> bool:
        return self._behind() == 0

    def wait_for_silence(self, wait: Callable[[float], None]) -> None:
        """Until all is there, or nothing has come for a while."""
        behind, quiet_since = self._behind(), time.monotonic()
        while behind and time.monotonic() - quiet_since < QUIET:
            wait(0.2)
            if (now := self._behind()) != behind:
                behind, quiet_since = now, time.monotonic()

    def _behind(self) -> int:
        """How many events all sockets together have still to show."""
        return sum(
            max(self._heads[org_id] - position, 0)
            for socket in self._crowd.state()
            if not socket.ended and not self._is_removed(socket)
            for org_id, position in socket.stands.items()
        )

    def _is_removed(self, socket: SocketState) -> bool:
        return socket.name.split()[0] in self._removed

    def records(self) -> list[Record]:
        """Of who was removed, only what came before is owed."""
        records = self._crowd.records()
        for record in records:
            org_id, position = self._removed.get(record.socket.split()[0], (None, 0))
            if org_id in record.rights:
                record.rights[org_id], record.ended = Span(0, position), True
        return records
