"""Followers without their loop, and one whose effect is easily read."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from events.models import LogHead, TaskEvent
from followers.batches import lease_of, take_batch
from followers.leases import Leases
from followers.register import Follower


def take_all(follower: Follower, most: int = 0) -> int:
    """How many events were taken of all logs."""
    leases, taken = Leases(), 0
    for organization_id in LogHead.objects.values_list("pk", flat=True):
        assert leases.take(lease_of(follower, organization_id))
        while some := take_batch(follower, organization_id, leases, most):
            taken += some
        leases.release(lease_of(follower, organization_id))
    return taken


_LATER = timezone.now() + timedelta(days=1)  # what has expired is cleared


class Diary(Follower):
    """Writes down what it takes, a row for each log: a rollback takes it back."""

    name = "diary"
    batch = 3

    def __init__(self) -> None:
        self.fails_at: int | None = None
        self.in_the_middle: Callable[[], None] = lambda: None

    def take(self, organization_id: int, events: Sequence[TaskEvent]) -> None:
        self._write(organization_id, self.positions(organization_id) + [event.position for event in events])
        self.in_the_middle()
        if self.fails_at in [event.position for event in events]:
            raise ValueError("this follower's own mistake")

    def forget(self, organization_id: int) -> None:
        self._write(organization_id, [])

    def positions(self, organization_id: int) -> list[int]:
        page = Session.objects.filter(pk=f"{self.name} {organization_id}").first()
        return json.loads(page.session_data) if page else []

    def _write(self, organization_id: int, positions: list[int]) -> None:
        Session.objects.update_or_create(
            pk=f"{self.name} {organization_id}",
            defaults={"session_data": json.dumps(positions), "expire_date": _LATER},
        )
