"""How far each follower has come in each log, and who works on what just now."""

from typing import ClassVar

from django.db import models

from events.digests import GENESIS
from orgs.models import Organization


class Cursor(models.Model):
    """The last event of a log that a follower has taken. Written in the transaction that takes it, by
    `followers.batches` alone."""

    follower = models.CharField(max_length=40)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    position = models.PositiveBigIntegerField(default=0)
    # Of that event: a position alone does not say which history it counts.
    digest = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("organization", "follower"), name="cursor_once"),
        ]

    def __str__(self) -> str:
        return f"{self.follower} {self.organization_id}.{self.position}"


class Lease(models.Model):
    """Whose work something is until when, by the database's clock. Written by `followers.leases` alone."""

    name = models.CharField(max_length=80, primary_key=True)
    owner = models.CharField(max_length=80)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} of {self.owner}"
