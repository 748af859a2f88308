"""People, organizations, and the memberships that join them."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from model_utils.models import TimeStampedModel

from orgs import levels
from orgs.name_keys import NameKeyField, PeopleManager
from orgs.names import (
    RESERVED_SHORT_NAMES,
    SHORT_NAME_LIMIT,
    USER_NAME_LIMIT,
    display_name_of,
    fault_of_short_name,
    initials_of,
)
from orgs.validators import validate_name, validate_short_name, validate_user_name

NAME_TAKEN = "A user with that username already exists."
PICTURE_DIGEST = 32  # characters
SHORT_NAME_TAKEN = "This short name is taken. Choose another."


class User(AbstractUser):
    username = models.CharField(
        max_length=USER_NAME_LIMIT,
        unique=True,
        help_text="Letters, digits and @ . + - _ only.",
        validators=[UnicodeUsernameValidator(), validate_user_name],
        error_messages={"unique": NAME_TAKEN},
    )
    # What the name is when it is looked up or compared: `orgs.names.name_key`. Folding may make a name longer.
    name_key = NameKeyField(max_length=3 * USER_NAME_LIMIT, unique=True, editable=False)
    first_name = models.CharField(blank=True, max_length=150, validators=[validate_name])
    last_name = models.CharField(blank=True, max_length=150, validators=[validate_name])

    # One of settings.LANGUAGES; empty: the installation's.
    language = models.CharField(blank=True, default="", db_default="", max_length=15)
    # The digest of their picture; empty where there is none.
    picture = models.CharField(
        blank=True, default="", db_default="", max_length=PICTURE_DIGEST, editable=False
    )

    # For a program, in one organization: it has no password, no address, and only tokens.
    is_service = models.BooleanField(default=False, db_default=False, editable=False)

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta(AbstractUser.Meta):
        abstract = False
        indexes: ClassVar = [
            # Few: whoever delivers asks for them instead of looking up everybody's account.
            models.Index(fields=("id",), condition=models.Q(is_active=False), name="user_closed"),
        ]

    # When this person asked to be forgotten: their name, address and words are gone (`manage.py erase_user`).
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    def clean(self) -> None:
        super().clean()
        other = User.objects.named(self.username)
        if other is not None and other.pk != self.pk:
            raise ValidationError({"username": NAME_TAKEN})

    @property
    def display_name(self) -> str:
        return display_name_of(
            self.username, self.first_name, self.last_name, is_erased=self.erased_at is not None
        )

    @property
    def listed_name(self) -> str:
        """Say the name where a mark beside it has no place: a program is told from a person by a word."""
        return f"{self.display_name} (bot)" if self.is_service else self.display_name

    @property
    def initials(self) -> str:
        return initials_of(self.display_name)


class Picture(models.Model):
    """What somebody looks like: a small square, in the database so that every host has it. The digest of it stands with
    the user, where lists read it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"the picture of {self.user_id}"


class FormerUserName(models.Model):
    """What somebody was called, until they are erased: others' texts may name them so. A trigger keeps it, whichever
    way the name was changed (`former_names.py`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"a former name of {self.user_id}"


class Organization(TimeStampedModel):
    name = models.CharField(max_length=100, validators=[validate_name])
    # Used in addresses and task keys.
    slug = models.SlugField(
        "short name",
        max_length=SHORT_NAME_LIMIT,
        unique=True,
        validators=[validate_short_name],
        error_messages={"unique": SHORT_NAME_TAKEN},
    )
    # Counts every change of membership, role or level. Whoever delivers an event reads it under a lock, so two
    # readers with the same number agree on who is told.
    membership_version = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta(TimeStampedModel.Meta):
        abstract = False
        ordering = ("name",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(slug=Lower("slug")), name="short_name_small"),
            models.CheckConstraint(
                condition=~models.Q(slug__in=RESERVED_SHORT_NAMES), name="short_name_not_reserved"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if fault_of_short_name(self.slug):
            return  # the field says so
        if FormerShortName.objects.filter(slug=self.slug).exclude(organization_id=self.pk).exists():
            raise ValidationError({"slug": SHORT_NAME_TAKEN})

    def is_called(self, slug: str) -> bool:
        """Say whether it has, or had, this short name, in any case: as in the key of a task."""
        return slug.lower() == self.slug or self.former_short_names.filter(slug__iexact=slug).exists()


class FormerShortName(models.Model):
    """One that an organization had: its addresses lead to the organization still, so no other may take it."""

    slug = models.CharField(max_length=SHORT_NAME_LIMIT, unique=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="former_short_names"
    )

    def __str__(self) -> str:
        return self.slug


class Membership(TimeStampedModel):
    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        MEMBER = "member", "Member"
        VIEWER = "viewer", "Viewer"

    class Level(models.TextChoices):
        ALL = levels.ALL, "Everything"
        PARTICIPATING = levels.PARTICIPATING, "Only what concerns me"
        MINE = levels.MINE, "Only tasks of mine"
        WATCHED = levels.WATCHED, "Only tasks I watch"
        MUTED = levels.MUTED, "Only mentions and assignments"

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
