"""What is to be sent, and how far it has come. `gathering` and `making` write it from the logs, `mail.services` from
whoever posts a mail, and `sending` says what became of it."""

import hashlib
from typing import ClassVar

from django.conf import settings
from django.db import models

from orgs.models import Organization


class Delivery(models.Model):
    """One message on its way out by one channel. Once it has ended it keeps no content."""

    class Channel(models.TextChoices):
        MAIL = "mail", "E-mail"
        PUSH = "push", "Desktop"

    class Kind(models.TextChoices):
        DIGEST = "digest", "Digest"
        AT_ONCE = "at_once", "At once"
        ACCOUNT = "account", "Account"
        INVITATION = "invitation", "Invitation"
        TRIAL = "trial", "Trial"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        DROPPED = "dropped", "Dropped"  # nothing was left to be said, or nobody to say it to
        GIVEN_UP = "given_up", "Given up"

    key = models.CharField(max_length=120, unique=True)  # what it tells of: nothing is told twice
    channel = models.CharField(max_length=10, choices=Channel)
    kind = models.CharField(max_length=10, choices=Kind)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    # Of a mail to somebody who is named by it. Empty: the user's own when it is sent, so that a change counts.
    address = models.CharField(max_length=320, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)  # while somebody sends it, by the database's clock
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    content = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(
                fields=("channel", "due_at"), condition=models.Q(state="waiting"), name="delivery_waiting"
            ),
            models.Index(
                fields=("ended_at",), condition=models.Q(ended_at__isnull=False), name="delivery_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"

    @property
    def token(self) -> str:
        """Name this message to the outside, in a Message-ID or as a push topic: the same at every attempt, and never
        another's, even where a database that lost its newest rows gives a key again."""
        return hashlib.sha256(f"{self.key} {self.created_at.isoformat()}".encode()).hexdigest()[:32]


class Interval(models.Model):
    """Positions of one log that a delivery tells of: all of them, or those of one stream."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="intervals")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="+")
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    stream_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"{self.organization_id}.{self.first}-{self.last}"


class Gathering(models.Model):
    """What a person is to be told of and no delivery has been made of yet: of one stream at once, or of everything in
    one log in the next digest."""

    class Mode(models.TextChoices):
        AT_ONCE = "at_once"
        DIGEST = "digest"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, db_index=False, related_name="+")
    stream_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=10, choices=Delivery.Channel)
    mode = models.CharField(max_length=10, choices=Mode)
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    since = models.DateTimeField()  # when the first of it was gathered
    due_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("user", "channel", "organization", "stream_id"),
                condition=models.Q(stream_id__isnull=False),
                name="gathering_at_once",
            ),
            models.UniqueConstraint(
                fields=("user", "channel", "organization"),
                condition=models.Q(stream_id__isnull=True),
                name="gathering_digest",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("due_at",), name="gathering_due")]

    def __str__(self) -> str:
        return (
            f"{self.channel} {self.mode} for {self.user_id}: {self.organization_id}.{self.first}-{self.last}"
        )


class Unreachable(models.Model):
    """An address that a mail server refused for good, or whose owner called our mail spam: nothing is sent to it until
    they say so."""

    class Why(models.TextChoices):
        BOUNCED = "bounced", "it does not take mail"
        COMPLAINED = "complained", "our mail was reported as spam"

    address = models.CharField(max_length=320, primary_key=True)  # lower case
    why = models.CharField(max_length=10, choices=Why)
    error = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField()

    class Meta:
        verbose_name_plural = "unreachable addresses"

    def __str__(self) -> str:
        return f"unreachable: {self.why}"


from outbound.push.models import PushSubscription as PushSubscription  # noqa: E402 - Django looks for models here
