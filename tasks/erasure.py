"""Forgetting a person: their name, address and words go; the numbers and what they did to tasks stay, and the chain
still verifies. docs/history.md says what is left.
"""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from events import erasure, log
from events.models import LogHead, TaskEvent
from orgs.errors import Conflict
from orgs.models import Membership, User
from orgs.names import name_key
from orgs.services import remove_member
from orgs.transactions import announce, user_group_name, write_transaction
from tasks import projection
from tasks.mentions import with_name_replaced
from tasks.state import fold


@dataclass(frozen=True)
class Erased:
    """What an erasure did, and what it could not."""

    name: str  # the user name in the place of theirs
    texts: int
    mentions: int  # tasks in which somebody else's text named the person
    organizations: int
    inline_texts: int  # of schema version 1: part of the hashed history, so they stay


def erase_user(user_id: int) -> Erased:
    """Forget the person, in one transaction. Twice is harmless. Raises Conflict where they are an organization's only
    owner, and User.DoesNotExist."""
    user = User.objects.get(pk=user_id)
    with write_transaction():
        _overwrite_what_is_freed()
        _lock_heads()
        left = _leave_organizations(user)
        name = _new_name(user)
        streams = erasure.written_by(user.pk)
        texts = erasure.erase_texts(user.pk)
        named = set() if user.erased_at else _redact_mentions(user, name)
        _forget(user, name)
        for stream_id in streams | named:
            _apply(stream_id)
        announce(user_group_name(user.pk), {"type": "session.changed", "user_id": user.pk})
    _empty_the_journal()
    return Erased(name, texts, len(named), left, erasure.inline_texts(user.pk))


def sole_ownerships(user: User) -> list[str]:
    """Names of the organizations whose other members would be left without an owner."""
    owners = Membership.objects.filter(role=Membership.Role.OWNER, user__is_active=True)
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER).exclude(
        organization__in=owners.exclude(user=user).values("organization")
    )
    shared = Membership.objects.exclude(user=user).values("organization")
    return sorted(owned.filter(organization__in=shared).values_list("organization__name", flat=True))


def refuse_only_owner(user: User) -> None:
    """Raises Conflict where they are an organization's only owner."""
    if owned := sole_ownerships(user):
        raise Conflict(
            f"{user.username} is the only owner of {', '.join(owned)}. Make somebody else an owner first."
        )


def _lock_heads() -> None:
    """All logs, in the order of their ids: a text that names the person may stand in any of them."""
    list(LogHead.objects.select_for_update().order_by("pk"))


def _leave_organizations(user: User) -> int:
    refuse_only_owner(user)
    # Where nobody else is a member, nobody is left to own it: that membership stays.
    shared = Membership.objects.exclude(user=user).values("organization")
    memberships = list(
        Membership.objects.filter(user=user, organization__in=shared).select_related("organization", "user")
    )
    for membership in memberships:
        remove_member(by=membership, user_id=user.pk)
    return len(memberships)


def _redact_mentions(user: User, name: str) -> set[UUID]:
    others = User.objects.filter(name_key__startswith=name_key(user.username)).exclude(pk=user.pk)
    keys = set(others.values_list("name_key", flat=True))
    return erasure.redact_texts(lambda body: with_name_replaced(body, user.username, name, keys))


def _new_name(user: User) -> str:
    """The user name that stands in the place of theirs; nobody can keep it from us."""
    if user.erased_at:
        return user.username
    name = f"erased-{user.pk}"
    taken = User.objects.exclude(pk=user.pk).filter(username__iexact=name).exists()
    return f"{name}-{secrets.token_hex(4)}" if taken else name


def _forget(user: User, name: str) -> None:
    blank: dict[str, Any] = {"first_name": "", "last_name": "", "email": "", "last_login": None}
    rights = {"is_active": False, "is_staff": False, "is_superuser": False}
    for field, value in (blank | rights | {"username": name}).items():
        setattr(user, field, value)
    user.erased_at = user.erased_at or timezone.now()
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    )
    entries.update(object_repr=user.username, change_message="")
    _end_sessions(user)


def _end_sessions(user: User) -> None:
    """They are worthless without the password; but what they hold is the person's too."""
    for session in Session.objects.iterator(chunk_size=500):
        if str(session.get_decoded().get("_auth_user_id")) == str(user.pk):
            session.delete()


def _apply(stream_id: UUID) -> None:
    organization_id = TaskEvent.objects.values_list("organization_id", flat=True).get(
        stream_id=stream_id, version=1
    )
    state = fold(log.load_past(organization_id, stream_id))
    if state is not None:
        projection.apply(stream_id, state)


def _overwrite_what_is_freed() -> None:
    """SQLite would leave deleted text in the file until the place is used again. PostgreSQL: VACUUM."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _empty_the_journal() -> None:
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
