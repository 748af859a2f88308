"""The record of what concerns who may come in: kept for a while, for the administrator, apart from the logs."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from orgs.access_record import Kind

ABOUT_LIMIT = 200  # characters, of a browser's words too


class AccessRecord(models.Model):
    """One thing that happened, or the same thing several times within a minute. Without a user it named no account."""

    kind = models.CharField(max_length=30)  # an access_record.Kind
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="access_records"
    )
    by = models.ForeignKey(  # where somebody else did it: an administrator
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    address = models.GenericIPAddressField(null=True)  # None: of many, or done by a command
    browser = models.CharField(max_length=ABOUT_LIMIT, blank=True)
    about = models.CharField(max_length=ABOUT_LIMIT, blank=True)
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        verbose_name = "access record"
        verbose_name_plural = "access records"
        indexes: ClassVar = [models.Index(fields=("user", "at"), name="access_of_user")]

    def __str__(self) -> str:
        return f"{self.label} at {self.at:%Y-%m-%d %H:%M}"

    @property
    def label(self) -> str:
        return Kind(self.kind).label if self.kind in set(Kind) else self.kind
