"""Notification: one row for each event and each member who is told of it. `deliver` inserts, `services` mark."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from events.models import TaskEvent
from orgs.models import Organization


class Reason(models.TextChoices):
    """Why somebody is told, strongest first: where several hold, the first one is given."""

    MENTIONED = "mentioned", "mentioned"  # this very event mentions them
    ASSIGNED = "assigned", "assigned"  # this very event gives them the task
    UNASSIGNED = "unassigned", "unassigned"  # this very event takes it from them
    ASSIGNEE = "assignee", "assigned to you"
    CREATOR = "creator", "created by you"
    PARTICIPANT = "participant", "taking part"  # commented, or was mentioned earlier
    WATCHING = "watching", "watching"
    ORG = "org", "organization"


# Most rows of a large organization have this reason, and no other: the unread ones stand in an index of their own, so
# that each delivered row is written to one index beside the key, and the others are found by reason all the same.
TO_ALL = models.Q(reason=Reason.ORG)
UNREAD, READ = models.Q(read_at__isnull=True), models.Q(read_at__isnull=False)

# What reaches even a member who muted the organization.
DIRECT = frozenset({Reason.MENTIONED, Reason.ASSIGNED})


class Notification(models.Model):
    """Narrow on purpose: it copies no text, and its foreign keys carry no database constraint (each would cost
    3-4 us a row; the audit looks for orphans)."""

    pk = models.CompositePrimaryKey("recipient", "event")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    event = models.ForeignKey(
        TaskEvent, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    reason = models.CharField(max_length=11, choices=Reason)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            # Unread counts, and lists of what is unread. A row enters one of the two when it is delivered.
            models.Index(
                fields=("recipient", "organization", "event"),
                condition=UNREAD & TO_ALL,
                name="notification_unread_to_all",
            ),
            models.Index(
                fields=("recipient", "organization", "reason", "event"),
                condition=UNREAD & ~TO_ALL,
                name="notification_unread_own",
            ),
            # Filtered lists of what is read, and the rows of one mark, to undo it. Delivering costs them nothing.
            models.Index(
                fields=("recipient", "organization", "reason", "event"),
                condition=READ,
                name="notification_read",
            ),
            models.Index(fields=("recipient", "read_at"), condition=READ, name="notification_mark"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} for {self.recipient_id}"


class Inbox(models.Model):
    """Its row is the lock that puts the marks of one person in order; it appears with the first."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    # Rises with every change of what is read: the moment in microseconds since 1970, or the next number if that is
    # taken. So it names the change, and a restored database does not give the same number to another.
    revision = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"inbox of {self.user_id} at {self.revision}"


class Watch(models.Model):
    """Somebody asked to be told of everything on one task. A personal setting, so it is no part of the history."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    stream_id = models.UUIDField()

    class Meta:
        verbose_name_plural = "watches"
        constraints: ClassVar = [models.UniqueConstraint(fields=("stream_id", "user"), name="watch_once")]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.stream_id}"
