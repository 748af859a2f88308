"""What each process of an installation says of itself every few seconds."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Heartbeat(models.Model):
    """One process at one moment, by the database's clock. Written by `operations.heartbeats` alone."""

    class Kind(models.TextChoices):
        SERVER = "server", "server"
        FOLLOWER = "follower", "follower"

    at = models.DateTimeField(db_default=Now())
    host = models.CharField(max_length=100)
    pid = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    release = models.CharField(max_length=40)
    started_at = models.DateTimeField()  # the process, by its own clock
    clock_ahead = models.FloatField()  # seconds that its own clock is ahead of the database's
    figures = models.JSONField()  # `operations.ten: Ten`, by name
    dependencies = models.JSONField()  # `base.dependencies: State`, a list of them

    class Meta:
        indexes: ClassVar = [models.Index(fields=("at",), name="heartbeat_at")]

    def __str__(self) -> str:
        return f"{self.host} {self.pid}"
