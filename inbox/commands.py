"""The steps of a command that are the same for every subject: lock, make, write. What it decides and what it derives
are the subject's own; `tasks/services.py: execute` shows the way from top to bottom.

All of it runs in one `write_transaction` of the organization's group. The database is waited for three times: for the
lock of the head; for the organization's row with all that is read; and for all that is written.
"""

import datetime as dt
import time
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import BigIntegerField

from base.announcements import announce, org_group_name
from base.compiled import Compiled, Parameter
from base.errors import NotFound
from base.messages import LogAppended
from base.statements import Statement, run
from events import log
from events.models import LogHead, TaskEvent
from events.sentences import names_in, names_in_answer, names_question
from events.subjects import Subject
from events.telling import Names
from inbox.deliver import delivery
from inbox.event_frames import appended
from inbox.news import NOTHING, News, news_of
from inbox.services import Asked, mutes_ended
from orgs.models import Membership, Organization, User

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


class Change(NamedTuple):
    """A save of one stream that has been made and not written yet, what it is to others, and the stream's state after
    it."""

    events: list[TaskEvent]
    news: News
    state: Any
    statements: list[Statement]


def lock(organization_id: int, actor: User, *reads: Statement) -> Locked:
    """Lock the log and the organization, and read the actor's role under the locks, with whatever else is asked there.
    Raises NotFound for who is no member, or whose account was closed."""
    role = _ROLE.of(organization_id=organization_id, user_id=actor.pk)
    locked = lock_log(organization_id, actor, role, *reads)
    if not role.rows:
        raise NotFound
    return locked._replace(role=role.rows[0][0])


def lock_log(organization_id: int, actor: User, *reads: Statement) -> Locked:
    """Lock the log and the organization for an actor who need not be a member. Raises NotFound where there is no such
    organization. The head first, so that whoever waits holds nothing else; then the organization's row: no membership
    changes between the version that is announced and the rows that are delivered.

    In two statements, and whatever is read of members in others after them: a statement that waited for its lock sees
    the rows that it locks as they are now, and the rows joined to them as they were before it waited."""
    head = log.lock_head(organization_id)
    row = _ORGANIZATION.of(organization_id=organization_id)
    run(row, *reads)
    if not row.rows:
        raise NotFound
    return Locked(head, Organization.from_db(None, _ORGANIZATION_FIELDS, row.rows[0]), actor)


def append(
    locked: Locked, place: Place, entries: Sequence[log.Entry], *, now: dt.datetime
) -> list[TaskEvent]:
    """Append a save to one stream, of which nobody is told; the entries are one at least."""
    save = _saved(locked, place, entries, now)
    run(*save.statements, log.head_moved(locked.head))
    return save.events


def change(
    locked: Locked,
    subject: Subject,
    place: Place,
    before: Any,
    entries: Sequence[log.Entry],
    asked: Asked,
    *,
    now: dt.datetime,
) -> Change:
    """Make a save of one stream and its notifications; the entries are one at least. `before` is the stream's state,
    `asked` what was asked of it. All that `change` makes is written by one `write`, in the same order."""
    events, statements = _saved(locked, place, entries, now)
    news, state = news_of(subject, before, events, asked.watchers)
    if asked.muters:
        news = news.muted_by(asked.muters)
        singled_out = [user_id for user_id in asked.muters if news.participants[user_id]]
        statements += mutes_ended(locked.head, place.stream_id, singled_out)
    if not news.concerns_nobody:
        statements.append(delivery(events[-1], news))
    return Change(events, news, state, statements)


def write(locked: Locked, changes: Sequence[Change], derived: Sequence[Statement] = ()) -> None:
    """Write them, with what is derived from them, and announce them after the commit."""
    if not changes:
        return
    names = names_question(event for each in changes for event in each.events)
    made = (statement for each in changes for statement in each.statements)
    run(*made, *derived, *names, log.head_moved(locked.head))
    for each in changes:
        announce_appended(locked.organization, each.events, each.news, names=names_in_answer(names))


def announce_appended(
    organization: Organization,
    save: Sequence[TaskEvent],
    news: News = NOTHING,
    *,
    names: Names | None = None,
    from_rows: bool = False,
) -> None:
    """Announce a save with those who take part in it, as it was delivered under the organization's membership
    version. `names`: of whom it speaks, where they are known. `from_rows`: of a version that no process knows, so that
    each reads from the rows who was told. The frames are made after the commit, when nobody waits for the log."""
    names = names_in(save) if names is None else names
    version = _NO_VERSION if from_rows else organization.membership_version
    *parts, last = save

    def message() -> LogAppended:
        committed = time.time()
        events = [*(appended(event, names) for event in parts), appended(last, names, save, news)]
        return LogAppended(organization.pk, version, save[0].follows, events, committed)

    announce(org_group_name(organization.pk), message)


_NO_VERSION = -1


def _saved(locked: Locked, place: Place, entries: Sequence[log.Entry], now: dt.datetime) -> log.Save:
    save = log.saved(
        locked.head, place.stream_id, place.number, place.version, entries, actor=locked.actor, now=now
    )
    for event in save.events:
        event.organization = locked.organization
    return save
