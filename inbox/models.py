"""Notification: one row for each event and each member who is told of it. `delivery` inserts, `marks` change states."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.expressions import RawSQL

from events.models import TaskEvent
from inbox import reasons
from inbox.states import State
from orgs.models import Organization

_LABELS = {reason.code: reason.label for reason in reasons.BUILT_IN}


class Reason(models.TextChoices):
    """The reasons that every subject has, as an inbox says them of its owner."""

    MENTIONED = reasons.MENTIONED, _LABELS[reasons.MENTIONED]
    ASSIGNED = reasons.ASSIGNED, _LABELS[reasons.ASSIGNED]
    UNASSIGNED = reasons.UNASSIGNED, _LABELS[reasons.UNASSIGNED]
    ASSIGNEE = reasons.ASSIGNEE, _LABELS[reasons.ASSIGNEE]
    CREATOR = reasons.CREATOR, _LABELS[reasons.CREATOR]
    PARTICIPANT = reasons.PARTICIPANT, _LABELS[reasons.PARTICIPANT]
    WATCHING = reasons.WATCHING, _LABELS[reasons.WATCHING]
    ORG = reasons.ORG, _LABELS[reasons.ORG]


# Most rows of a large organization have this reason, and no other: the unread ones stand in an index of their own, so
# that each delivered row is written to one index beside the key, and the others are found by reason all the same.
TO_ALL = models.Q(reason=Reason.ORG)
UNREAD, HANDLED = models.Q(state=State.UNREAD), models.Q(state__gt=State.UNREAD)


# As the condition of an index has it: SQLite knows it by nothing else.
IS_UNREAD = RawSQL("inbox_notification.state = 0", [], models.BooleanField())
IS_SNOOZED = RawSQL("inbox_notification.state = 3", [], models.BooleanField())


def in_state(state: State) -> models.Q:
    """Name one state, by the condition of the index that has it."""
    return UNREAD if state == State.UNREAD else HANDLED & models.Q(state=state)


class Notification(models.Model):
    """Narrow on purpose: it copies no text, and its foreign keys carry no database constraint: each would cost
    time in every row that is delivered (decision 12). The audit looks for orphans."""

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
    state = models.SmallIntegerField(default=State.UNREAD, db_default=State.UNREAD)
    read_at = models.DateTimeField(null=True)  # when its reader first took it out of unread
    # While it is snoozed; and, once it has come back, until it is changed again.
    snoozed_until = models.DateTimeField(null=True)
    # Of the last change: its number, which is the inbox's revision, and, to undo it, what was before.
    mark = models.BigIntegerField(null=True)
    state_before = models.SmallIntegerField(null=True)
    snoozed_until_before = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            # Unread counts, and lists of what is unread. A row enters one of the two when it is delivered. Delivering
            # costs the other three nothing.
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
            # Lists and counts of every other state.
            models.Index(
                fields=("recipient", "state", "organization", "reason", "event"),
                condition=HANDLED,
                name="notification_handled",
            ),
            # The rows of one change, and what is due to come back.
            models.Index(
                fields=("recipient", "mark"),
                condition=models.Q(mark__isnull=False),
                name="notification_mark",
            ),
            models.Index(
                fields=("snoozed_until",),
                condition=models.Q(state=State.SNOOZED.value, snoozed_until__isnull=False),
                name="notification_due",
            ),
            # What came back.
            models.Index(
                fields=("recipient", "snoozed_until"),
                condition=UNREAD & models.Q(snoozed_until__isnull=False),
                name="notification_came_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} for {self.recipient_id}"


class Inbox(models.Model):
    """Its row is the lock that puts the marks of one person in order; it appears with the first."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    # Rises with every change of a state: the moment in microseconds since 1970, or the next number if that is
    # taken. So it names the change, and a restored database does not give the same number to another.
    revision = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"inbox of {self.user_id} at {self.revision}"


class Clearing(models.Model):
    """One row: up to when inboxes were cleared of what was read or done, and how far that has come. `retention` writes
    it."""

    # Of events before it nothing read or done is sure to be there, and nothing that is missing is put back. It never
    # goes back.
    before = models.DateTimeField()
    removed = models.BigIntegerField(default=0)  # notifications so far
    place = models.BigIntegerField(default=0)  # recipients up to this one are done with
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"cleared before {self.before}"


class Watch(models.Model):
    """Somebody asked to be told of everything in one stream. A personal setting, so it is no part of the history."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    stream_id = models.UUIDField()

    class Meta:
        verbose_name_plural = "watches"
        constraints: ClassVar = [models.UniqueConstraint(fields=("stream_id", "user"), name="watch_once")]
        indexes: ClassVar = [models.Index(fields=("user", "stream_id"), name="watch_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.stream_id}"


class Mute(models.Model):
    """Somebody asked to be told of nothing in one stream, until it singles them out. Nobody watches what they mute."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    stream_id = models.UUIDField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("stream_id", "user"), name="mute_once")]
        indexes: ClassVar = [models.Index(fields=("user", "stream_id"), name="mute_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} muted {self.stream_id}"


class Visit(models.Model):
    """When somebody asked for a page last, where the logs ended then, and where at the end of the visit before. Of a
    person, not of a browser. `visits` writes it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    last_at = models.DateTimeField()
    last = models.TextField()  # cursors, as `events.cursors` joins them
    since_at = models.DateTimeField(null=True)  # None: there was no visit before
    since = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} was here at {self.last_at}"


class Choice(models.Model):
    """A change of what somebody chose to be told: kept beside the log and never changed, so that it can be said later
    why they were told of an event or not. `choices` writes it."""

    class Kind(models.TextChoices):
        LEVEL = "level", "notification level"
        WATCH = "watch", "watching"  # of one task: "1" or nothing
        MUTE = "mute", "muted"  # likewise

    pk = models.CompositePrimaryKey("organization", "user", "number")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    number = models.PositiveIntegerField()  # dense for each member
    stream_id = models.UUIDField(null=True)  # of what the choice is about; none where it is about everything
    kind = models.CharField(max_length=10, choices=Kind)
    before = models.CharField(max_length=15, blank=True)
    after = models.CharField(max_length=15, blank=True)
    # Where the log ended then: it holds for every event beyond.
    position = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id} in {self.organization_id}: {self.after}"
