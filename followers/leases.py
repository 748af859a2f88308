"""Leases: which of several processes does something. A process that dies or stands still loses its leases within
seconds, by the database's clock."""

import datetime as dt
import os
import secrets
import socket
import time

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from base.transactions import write_transaction
from followers.models import Lease

SECONDS = 10.0  # that a lease lasts when it is not renewed
_PAST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Lost(Exception):
    """Somebody else has the lease: what is under way must not be committed."""


class Leases:
    """Those of one worker."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._length = dt.timedelta(seconds=seconds)
        self._fresh_until: dict[
            str, float
        ] = {}  # on the monotonic clock: half of the lease is left until then

    def take(self, name: str) -> bool:
        """Take or renew the lease, unless somebody else has it. One that is half as old as it can get is ours still."""
        if self._fresh_until.get(name, 0.0) > time.monotonic():
            return True
        asked = time.monotonic()
        with write_transaction():
            free = Lease.objects.filter(Q(owner=self.owner) | Q(until__lt=Now()), pk=name)
            taken = self._renew(free)
            if not taken and not Lease.objects.filter(pk=name).exists():
                Lease.objects.bulk_create([Lease(name=name, owner="", until=_PAST)], ignore_conflicts=True)
                taken = self._renew(free)
        if taken:
            self._fresh_until[name] = asked + self._length.total_seconds() / 2
        return taken

    def confirm(self, name: str) -> None:
        """Renew the lease in the transaction of what it is for, at its end. Raises Lost where somebody else
        has it by now."""
        if not self._renew(Lease.objects.filter(pk=name, owner=self.owner)):
            self._fresh_until.pop(name, None)
            raise Lost(name)

    def release(self, name: str) -> None:
        self._fresh_until.pop(name, None)
        with write_transaction():
            Lease.objects.filter(pk=name, owner=self.owner).update(until=_PAST)

    def release_all(self) -> None:
        for name in list(self._fresh_until):
            self.release(name)

    def _renew(self, leases: QuerySet[Lease]) -> bool:
        return bool(leases.update(owner=self.owner, until=Now() + self._length))
