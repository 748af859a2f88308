"""Task: the projection of a stream, for lists and look-ups. Only `tasks.projection` writes it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from events.models import TaskEvent
from orgs.models import Organization
from tasks.statuses import LABELS, Status

KEY = "{org}-{number}"


def task_key(slug: str, number: int) -> str:
    """Write `ACME-12`, of `acme` and 12."""
    return KEY.format(org=slug.upper(), number=number)


class Task(models.Model):
    # The stream's id.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    # Dense within the organization: ACME-12.
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=15, choices=list(LABELS.items()), default=Status.OPEN.value)
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_date = models.DateField(null=True, blank=True)
    archived = models.BooleanField(default=False)
    labels = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    # Who commented and who was mentioned: they take part, so they are told.
    commenters = models.JSONField(default=list)
    mentioned = models.JSONField(default=list)
    version = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("organization", "number"), name="task_number_once"),
            models.CheckConstraint(condition=models.Q(status__in=list(LABELS)), name="task_status_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=("organization", "-updated_at"), name="task_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def key(self) -> str:
        return task_key(self.organization.slug, self.number)


class Attempt(models.Model):
    """A comment that was asked for once, by an id that came with its form, and the event that it made: asked for twice,
    it is made once. Only `commenting` writes it, and keeps it for as long as a browser may try again."""

    pk = models.CompositePrimaryKey("user", "attempt")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    attempt = models.UUIDField()
    event = models.ForeignKey(
        TaskEvent, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.attempt} of {self.user_id}"
