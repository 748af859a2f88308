"""What programs sign in with. `tokens.services` writes it."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from orgs.models import Organization
from tokens.scopes import in_order
from tokens.text import ID_LENGTH

NAME_LIMIT = 60


class Token(models.Model):
    """A revoked one stays: what was done through it names it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=NAME_LIMIT)
    # The only one that it sees; all of the person's without one.
    organization = models.ForeignKey(Organization, null=True, on_delete=models.CASCADE, related_name="+")
    scopes = models.CharField(max_length=100)  # with spaces between them
    public_id = models.CharField(max_length=ID_LENGTH, unique=True)
    digest = models.CharField(max_length=64)  # SHA-256 of its whole text, hexadecimal
    created_at = models.DateTimeField()
    # Who made it, where that was somebody else: an admin, for a service account.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)  # to a minute or so
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=("user", "id"), name="token_in_force", condition=Q(revoked_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.public_id})"

    @property
    def scope_list(self) -> list[str]:
        return in_order(self.scopes.split())

    def is_in_force(self, now: dt.datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
