"""People, organizations, and the memberships that join them."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from model_utils.models import TimeStampedModel


class User(AbstractUser):
    class Meta(AbstractUser.Meta):
        abstract = False
        constraints: ClassVar = [
            # People are found by name without regard to case: in a mention, when they are added.
            models.UniqueConstraint(
                Lower("username"),
                name="user_name_once",
                violation_error_message="A user with that username already exists.",
            ),
        ]
        indexes: ClassVar = [
            # Few: whoever delivers asks for them instead of looking up everybody's account.
            models.Index(fields=("id",), condition=models.Q(is_active=False), name="user_closed"),
        ]

    # When this person asked to be forgotten: their name, address and words are gone (`manage.py erase_user`).
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    @property
    def display_name(self) -> str:
        return "Erased person" if self.erased_at else self.first_name or self.username

    @property
    def initials(self) -> str:
        return self.display_name[:2].upper()


class FormerUserName(models.Model):
    """What somebody was called, until they are erased: others' texts may name them so. A trigger keeps it, whichever
    way the name was changed (`former_names.py`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"a former name of {self.user_id}"


class Organization(TimeStampedModel):
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=40, unique=True)
    # Counts every change of membership, role or level. Whoever delivers an event reads it under a lock, so two
    # readers with the same number agree on who is told.
    membership_version = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta(TimeStampedModel.Meta):
        abstract = False
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def task_key(self, number: int) -> str:
        """`12` -> `ACME-12`."""
        return f"{self.slug.upper()}-{number}"


class Membership(TimeStampedModel):
    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        MEMBER = "member", "Member"
        VIEWER = "viewer", "Viewer"

    class Level(models.TextChoices):
        ALL = "all", "Everything"
        PARTICIPATING = "participating", "Only what concerns me"
        MUTED = "muted", "Only mentions and assignments"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    # The unique constraint below serves every look-up by organization; this index serves those by user.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    level = models.CharField(max_length=15, choices=Level, default=Level.ALL)

    # Roles that may change tasks, and roles that may change members.
    EDITORS: ClassVar = frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER})
    MANAGERS: ClassVar = frozenset({Role.OWNER, Role.ADMIN})

    class Meta(TimeStampedModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("organization", "user"), name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.organization_id}"

    @property
    def can_edit(self) -> bool:
        return self.role in self.EDITORS

    @property
    def can_manage(self) -> bool:
        return self.role in self.MANAGERS
