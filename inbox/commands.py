"""The steps of a command that are the same for every subject: lock, append, tell. What it decides and what it derives
are the subject's own; `tasks/services.py: execute` shows the way from top to bottom.

All of it runs in one `write_transaction` of the organization's group.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, UUIDField
from django.utils import timezone

from base.announcements import announce, org_group_name
from base.compiled import Compiled, Parameter
from base.errors import NotFound
from base.messages import LogAppended
from events import log
from events.models import LogHead, TaskEvent
from events.sentences import names_in
from events.subjects import Subject
from inbox.deliver import deliver
from inbox.event_frames import appended
from inbox.models import Watch
from inbox.news import NOTHING, News, news_of
from orgs.models import Membership, Organization, User

_WATCHERS = Compiled(
    lambda: Watch.objects.filter(stream_id=Parameter("stream_id", UUIDField())).values_list("user_id")
)
_ORGANIZATION_FIELDS = (
    "id",
    "name",
    "slug",
    "membership_version",
)  # in the order of the model’s, as `from_db` wants
_ORGANIZATION = Compiled(
    lambda: (
        Organization.objects.select_for_update(no_key=True)
        .filter(pk=Parameter("organization_id", BigIntegerField()))
        .order_by()
        .values_list(*_ORGANIZATION_FIELDS)
    )
)
_ROLE = Compiled(
    lambda: (
        Membership.objects.filter(
            organization_id=Parameter("organization_id", BigIntegerField()),
            user_id=Parameter("user_id", BigIntegerField()),
            user__is_active=True,
        )
        .order_by()
        .values_list("role")
    )
)


class Locked(NamedTuple):
    """An organization's log that nobody else writes, and the organization as nobody else changes it, until the commit.
    `actor` is who writes; `role` is empty where they are no member."""

    head: LogHead
    organization: Organization
    actor: User
    role: str = ""

    @property
    def membership(self) -> Membership:
        return Membership(organization=self.organization, user=self.actor, role=self.role)


class Place(NamedTuple):
    """Where a stream goes on: after this version, 0 for a new one."""

    stream_id: uuid.UUID
    number: int
    version: int


def lock(organization_id: int, actor: User) -> Locked:
    """Lock the log and the organization, and read the actor's role under the locks. Raises NotFound for who is no
    member, or whose account was closed."""
    locked = lock_log(organization_id, actor)
    roles = _ROLE.rows(organization_id=organization_id, user_id=actor.pk)
    if not roles:
        raise NotFound
    return locked._replace(role=roles[0][0])


def lock_log(organization_id: int, actor: User) -> Locked:
    """Lock the log and the organization for an actor who need not be a member. Raises NotFound where there is no such
    organization. The head first, so that whoever waits holds nothing else; then the organization's row: no membership
    changes between the version that is announced and the rows that are delivered.

    In two statements, and whatever is read of members in one after them: a statement that waited for its lock sees the
    rows that it locks as they are now, and the rows joined to them as they were before it waited."""
    head = log.lock_head(organization_id)
    rows = _ORGANIZATION.rows(organization_id=organization_id)
    if not rows:
        raise NotFound
    return Locked(head, Organization.from_db(None, _ORGANIZATION_FIELDS, rows[0]), actor)


def append(
    locked: Locked, place: Place, entries: Sequence[log.Entry], *, now: dt.datetime | None = None
) -> list[TaskEvent]:
    """Append a save to one stream; the entries are one at least. `now` is for data from the past."""
    events = log.append(
        locked.head,
        place.stream_id,
        place.number,
        place.version,
        entries,
        actor=locked.actor,
        now=now or timezone.now(),
    )
    for event in events:
        event.organization = locked.organization
    return events


def tell(locked: Locked, subject: Subject, before: Any, save: Sequence[TaskEvent]) -> Any:
    """Deliver a save to the inboxes, and announce it after the commit. `before` is the stream's state; returns the
    state after the save."""
    watchers = [user_id for (user_id,) in _WATCHERS.rows(stream_id=save[0].stream_id)]
    news, state = news_of(subject, before, save, watchers)
    if not news.concerns_nobody:
        deliver(save[-1], news)
    announce_appended(locked.organization, save, news)
    return state


def announce_appended(
    organization: Organization, save: Sequence[TaskEvent], news: News = NOTHING, *, from_rows: bool = False
) -> None:
    """Announce a save with those who take part in it, as it was delivered under the organization's membership
    version. `from_rows`: of a version that no process knows, so that each reads from the rows who was told."""
    names = names_in(save)
    version = _NO_VERSION if from_rows else organization.membership_version
    *parts, last = save
    events = [*(appended(event, names) for event in parts), appended(last, names, save, news)]
    announce(org_group_name(organization.pk), LogAppended(organization.pk, version, save[0].follows, events))


_NO_VERSION = -1
