"""What each person chose to hear of, by which channel, and at which hours. `services` writes it."""

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models

from orgs.models import Organization
from preferences import hours, kinds

_MAIL, _INBOX = kinds.Channel.MAIL.value, kinds.Channel.INBOX.value
_OF_MAIL = [value.value for value in kinds.values_of(kinds.Channel.MAIL, kinds.Kind.MINE)]
_OF_OTHERS = [value.value for value in kinds.values_of(kinds.Channel.TOAST, kinds.Kind.MINE)]
_ALWAYS = sorted(kind.value for kind in kinds.ALWAYS)


class Preference(models.Model):
    """One switch that somebody set: everywhere, or in one organization. What is not set has no row."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, null=True, db_index=False, related_name="+"
    )
    channel = models.CharField(max_length=10, choices=[(each.value, each.value) for each in kinds.Channel])
    kind = models.CharField(max_length=15, choices=[(each.value, each.value) for each in kinds.Kind])
    value = models.CharField(max_length=10, choices=[(each.value, each.value) for each in kinds.Value])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("user", "organization", "channel", "kind"), name="preference_once"
            ),
            models.UniqueConstraint(
                fields=("user", "channel", "kind"),
                condition=models.Q(organization__isnull=True),
                name="preference_once_everywhere",
            ),
            models.CheckConstraint(
                condition=models.Q(channel=_MAIL, value__in=_OF_MAIL)
                | ~models.Q(channel=_MAIL) & models.Q(value__in=_OF_OTHERS),
                name="preference_of_channel",
            ),
            models.CheckConstraint(
                condition=~models.Q(channel=_INBOX, kind__in=_ALWAYS), name="preference_not_of_always"
            ),
        ]
        indexes: ClassVar = [
            # An organization's deletion looks for its rows.
            models.Index(
                fields=("organization",),
                condition=models.Q(organization__isnull=False),
                name="preference_of_organization",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.kind} for {self.user_id}: {self.value}"


class Schedule(models.Model):
    """A person's zone, hours and days: `preferences.hours.Hours` in a row. Who never set any has none."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    zone = models.CharField(max_length=64, default=hours.UTC)
    begins = models.TimeField(default=dt.time(9))
    ends = models.TimeField(default=dt.time(18))
    days = models.CharField(max_length=7, default="01234")  # digits, Monday is 0
    digest_at = models.TimeField(default=dt.time(9))
    quiet = models.BooleanField(default=False)  # whether mail and desktop wait for those hours

    def __str__(self) -> str:
        return f"schedule of {self.user_id}"

    @property
    def hours(self) -> hours.Hours:
        days = frozenset(map(int, self.days))
        return hours.Hours(self.zone, self.begins, self.ends, days, self.digest_at, self.quiet)
