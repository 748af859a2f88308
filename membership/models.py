"""Invitations: who was asked into which organization, as what, by whom, and what became of it; and each time that one
was sent, which the quotas count."""

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from membership.facts import a_role
from orgs.models import Membership, Organization, User
from orgs.names import USER_NAME_LIMIT


class Invitation(models.Model):
    """`invited` is what was typed, an address or a user name; `address` is empty for a name. `user` is whose name it
    was then: nobody, where no open account had it, and then nobody can accept."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        REVOKED = "revoked", "Revoked"
        EXPIRED = "expired", "Ran out"  # and another one took its place

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    invited = models.CharField(max_length=254)
    # What it is compared by: an address in small letters, or an @ and a user name's key, which folding may make longer.
    key = models.CharField(max_length=3 * USER_NAME_LIMIT + 1)
    address = models.CharField(max_length=254, blank=True)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Membership.Role)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # By the installation's staff, who need not be members: ownership of an organization that has no owner.
    by_staff = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("organization", "key"), condition=Q(state="waiting"), name="invitation_waits_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("address",), condition=Q(state="waiting"), name="invitation_by_address"),
            models.Index(fields=("ended_at",), condition=Q(ended_at__isnull=False), name="invitation_ended"),
            models.Index(fields=("expires_at",), condition=Q(state="waiting"), name="invitation_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.organization_id}"

    @property
    def as_what(self) -> str:
        return a_role(self.role)

    def is_open(self, now: dt.datetime) -> bool:
        return self.state == self.State.WAITING and now < self.expires_at


class Sending(models.Model):
    """One time that an invitation was sent, or sent again. With a mail, `number` counts those to the address on that
    day, whoever sent them."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="sendings")
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    address = models.CharField(max_length=254, null=True)  # noqa: DJ001 - none is not the same as another none
    day = models.DateField()
    number = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("address", "day", "number"), name="invitation_mail_counted"),
        ]
        indexes: ClassVar = [models.Index(fields=("by", "at"), name="invitation_sent_by")]

    def __str__(self) -> str:
        return f"{self.invitation_id} on {self.day}"
