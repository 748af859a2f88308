"""Forgetting a person: their name, address and words go; the numbers and what they did to tasks stay, and the chain
still verifies. docs/history.md says what is left.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from base.transactions import write_transaction
from events import erasure, log
from events.models import LogHead, TaskEvent
from inbox.commands import Locked, Place, announce_appended, append
from orgs import personal_data
from orgs.account_services import sessions_ended
from orgs.leaving import leave
from orgs.models import Membership, Organization, User
from search import index
from tasks.archiving import erase_archived
from tasks.called import Called


@dataclass(frozen=True)
class Erased:
    """What an erasure did, and what it could not."""

    name: str  # the user name in the place of theirs
    texts: int
    mentions: int  # tasks in which somebody else's text named the person
    organizations: int
    inline_texts: int  # of schema version 1: part of the hashed history, so they stay


def erase_user(user_id: int) -> Erased:
    """Forget the person, in one transaction; an organization that only they own is left without an owner. Twice is
    harmless. Raises User.DoesNotExist."""
    user = User.objects.get(pk=user_id)
    with write_transaction():
        _overwrite_what_is_freed()
        log.lock_all()  # a text that names the person may stand in any of them
        _lock_organizations()  # nobody adds them to one meanwhile
        user.refresh_from_db()
        left = _leave_organizations(user)
        heads = log.lock_all()  # where they end now: to leave is an event
        called, name = Called.of(user), _new_name(user)
        plans = _plans(called, name)
        personal_data.forget(user)  # while it can be told by name and address what is theirs
        _forget(user, name)
        called.forget_in_records(name)
        _append(plans, heads, user)
        erase_archived(user.pk, called.replaced_by(name))
        sessions_ended(user.pk)
    _empty_the_journal()
    texts = sum(len(plan.fact.erased) for plan in plans.values())
    mentions = sum(bool(plan.redacted) for plan in plans.values())
    return Erased(name, texts, mentions, left, erasure.inline_texts(user.pk))


def sole_ownerships(user: User) -> list[str]:
    """Name the organizations whose other members are left without an owner when this one goes."""
    owners = Membership.objects.filter(role=Membership.Role.OWNER, user__is_active=True)
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER).exclude(
        organization__in=owners.exclude(user=user).values("organization")
    )
    shared = Membership.objects.exclude(user=user).values("organization")
    return sorted(owned.filter(organization__in=shared).values_list("organization__name", flat=True))


def _lock_organizations() -> None:
    """Lock them all in the order of their ids, after the logs."""
    list(Organization.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _leave_organizations(user: User) -> int:
    # Where nobody else is a member, nobody is left to own it: that membership stays.
    shared = Membership.objects.exclude(user=user).values("organization")
    memberships = list(
        Membership.objects.filter(user=user, organization__in=shared).select_related("organization", "user")
    )
    for membership in memberships:
        leave(membership)
    return len(memberships)


def _plans(called: Called, name: str) -> dict[UUID, erasure.Plan]:
    """Plan what is to be taken, by stream: the person's own texts, and their names from others'."""
    replace = called.replaced_by(name)
    streams = erasure.written_by(called.user_id)
    if called.names:
        streams |= erasure.mentioning(replace)
    return {stream_id: erasure.plan(stream_id, called.user_id, replace) for stream_id in sorted(streams)}


def _append(plans: dict[UUID, erasure.Plan], heads: dict[int, LogHead], user: User) -> None:
    """Append an event to each stream that says what is taken from it, and takes it. Nobody is notified: each
    process reads from the rows that nobody was told, and what came before."""
    now = timezone.now()
    newest: dict[int, TaskEvent] = {}
    for stream_id, plan in plans.items():
        last = TaskEvent.objects.select_related("organization").filter(stream_id=stream_id).latest("version")
        locked = Locked(heads[last.organization_id], last.organization, user)
        place = Place(stream_id, last.task_number, last.version)
        entry = log.Entry(plan.fact, last.subject, plan.redacted)
        (event,) = append(locked, place, [entry], now=now)
        index.renew(last.organization_id, stream_id, [plan.fact])
        newest[last.organization_id] = event
        if refresh := event.about.refresh:
            refresh(last.organization_id, stream_id)
    for event in newest.values():
        announce_appended(event.organization, [event], from_rows=True)


def _new_name(user: User) -> str:
    """Choose the user name that stands in the place of theirs; nobody can keep it from us."""
    if user.erased_at:
        return user.username
    name = f"erased-{user.pk}"
    taken = User.objects.exclude(pk=user.pk).filter(username__iexact=name).exists()
    return f"{name}-{secrets.token_hex(4)}" if taken else name


def _forget(user: User, name: str) -> None:
    blank = dict.fromkeys(("first_name", "last_name", "email", "language", "picture"), "")
    rights = dict.fromkeys(("is_active", "is_staff", "is_superuser"), False)
    for field, value in (blank | rights | {"username": name, "last_login": None}).items():
        setattr(user, field, value)
    user.erased_at = user.erased_at or timezone.now()
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    user.former_names.all().delete()  # with the one that was kept just now
    _end_sessions(user)


def _end_sessions(user: User) -> None:
    """Delete their sessions: worthless without the password, but what they hold is the person's too."""
    for session in Session.objects.iterator(chunk_size=500):
        if str(session.get_decoded().get("_auth_user_id")) == str(user.pk):
            session.delete()


def _overwrite_what_is_freed() -> None:
    """Have deleted text overwritten: SQLite would leave it in the file until the place is used again.
    PostgreSQL: VACUUM."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _empty_the_journal() -> None:
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
