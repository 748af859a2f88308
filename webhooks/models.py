"""Webhooks: where an organization's events are posted, how far each has come, its secrets, and what was tried
lately."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from events.digests import GENESIS
from events.telling import action_label
from orgs.models import Organization, User
from outbound.to_strangers import LONGEST

NAME_LIMIT = 80


class Webhook(models.Model):
    """`position` and `digest` are the last event that it has dealt with, and the truth of what waits.
    `sent_position` is that of the last event that its receiver has taken: between the two are events of other
    kinds."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        STOPPED = "stopped", "Stopped"

    class Format(models.TextChoices):
        STANDARD = "standard", "Standard Webhooks"
        SLACK = "slack", "Slack"
        MATRIX = "matrix", "Matrix"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="webhooks")
    number = models.PositiveIntegerField()
    stream_id = models.UUIDField(unique=True)
    name = models.CharField(max_length=NAME_LIMIT)
    address = models.CharField(max_length=LONGEST)
    format = models.CharField(max_length=10, choices=Format, default=Format.STANDARD)
    kinds = models.JSONField(default=list)  # actions; none: all
    token = models.TextField(blank=True, default="")  # sealed; of a Matrix account
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    stopped_why = models.CharField(max_length=20, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    position = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=GENESIS)
    sent_position = models.PositiveBigIntegerField(default=0)
    # Why the receiver is to be told that what follows does not go on from what it has (`bodies.py: reset`).
    reset_why = models.CharField(max_length=20, blank=True, default="")
    reset_from = models.CharField(max_length=60, blank=True, default="")  # a cursor

    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # the next try, while it fails
    last_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    last_ms = models.PositiveIntegerField(default=0)

    leased_by = models.CharField(max_length=80, blank=True, default="")
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("organization", "number"), name="webhook_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}.{self.number}"

    @property
    def is_waiting(self) -> bool:
        """Say whether it failed and is not tried again yet."""
        return self.due_at is not None and self.due_at > timezone.now()


SLOW = 1_000  # milliseconds: who needs more than that takes only half of the threads


class Secret(models.Model):
    """What deliveries are signed with, sealed: 32 bytes for HMAC and 32 of an ed25519 key. While two overlap, both
    sign."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="secrets")
    sealed = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True)  # of one that another took the place of

    def __str__(self) -> str:
        return f"secret {self.pk} of {self.webhook_id}"


class WebhookDelivery(models.Model):
    """What was tried: an event, a test, or that something does not go on. It is a record, bounded in number and
    age, and nothing is sent because of it, but what a person asked for and that is `waiting`."""

    class Kind(models.TextChoices):
        EVENT = "event", "Event"
        RESET = "reset", "Reset"
        TEST = "test", "Test"
        REPLAY = "replay", "Replay"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=60)  # `webhook-id`
    kind = models.CharField(max_length=10, choices=Kind)
    action = models.CharField(max_length=40, blank=True, default="")
    position = models.PositiveBigIntegerField(null=True)
    event_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State)
    tries = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")
    answer = models.TextField(blank=True, default="")  # its beginning
    duration_ms = models.PositiveIntegerField(null=True)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("webhook", "message_id"),
                condition=Q(kind__in=("event", "reset")),
                name="webhook_delivery_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("webhook", "-id"), name="webhook_delivery_newest"),
            models.Index(fields=("webhook",), condition=Q(state="waiting"), name="webhook_delivery_waits"),
            models.Index(fields=("first_at",), name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"

    @property
    def what(self) -> str:
        """Say what it told: `Status changed`, `Test`."""
        if self.action:
            return action_label(self.action)
        return "Where it goes on" if self.kind == self.Kind.RESET else self.get_kind_display()
