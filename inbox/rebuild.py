"""Compares the inboxes with what their owners should have been told, and adds what is missing. It deletes nothing, and
puts nothing back that may have been cleared (`retention`).

Who takes part, and so every reason but two, is in the log. Members, levels and watches are today's. So nobody is owed a
row from before they joined, or for a watch alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max, TextField
from django.db.models.functions import Cast

from base.bulk import fill
from base.transactions import write_transaction
from events.models import LogHead, TaskEvent
from events.scan import Scanned
from inbox.models import HANDLED, Clearing, Notification, Reason
from inbox.news import News
from inbox.reasons import direct
from inbox.recipients import hears, reason_for
from inbox.states import State
from orgs import levels
from orgs.models import Membership

ROWS = 5_000  # compared at once
BEYOND = 2  # as `owed`: it may have been cleared


@dataclass
class Drift:
    """Numbers of notifications. 0 but for `there` when nothing was lost and no level, member or watch has changed."""

    there: int = 0
    missing: int = 0
    direct: int = 0  # of the missing: mentions and assignments, which no setting turns off
    extra: int = (
        0  # nobody would be told today: they have left, or chosen a lower level, or it was never right
    )
    reasons: int = 0  # with another reason than the log gives
    beyond: int = 0  # not there, of events so old that inboxes were cleared of what was read or done of them


class Member(NamedTuple):
    level: str
    joined: str  # the database's own text, as `Scanned.created_at`: the order is that of the times


class Told(NamedTuple):
    recipient_id: int
    organization_id: int
    event_id: int
    reason: str
    state: int
    read_at: Any
    owed: int


class Inboxes:
    """All inboxes of the organizations concerned. `take` each save once, by its last event, then `finish`."""

    def __init__(self, organization_id: int | None, now: Any, *, dry_run: bool) -> None:
        self.scope = {} if organization_id is None else {"organization_id": organization_id}
        self.now, self.dry_run = now, dry_run
        self.last_id = _settled()
        self.members = _members(self.scope)
        self.read_to = self._read_to()
        self.cleared_before = _cleared_before()
        self.drift = Drift()
        self.matched = 0
        self.told: list[Told] = []

    def take(self, event: Scanned, news: News) -> None:
        if event.id <= self.last_id:
            self.told += self._told(event, news)
            if len(self.told) >= ROWS:
                self._compare()

    def finish(self) -> Drift:
        self._compare()
        rows = Notification.objects.filter(event_id__lte=self.last_id, **self.scope)
        self.drift.there = rows.count() - (0 if self.dry_run else self.drift.missing)
        self.drift.extra = self.drift.there - self.matched
        return self.drift

    def _told(self, event: Scanned, news: News) -> Iterator[Told]:
        watching = news.watching
        for user_id, member in self.members[event.organization_id].items():
            reason = reason_for(
                user_id,
                member.level,
                actor_id=event.actor_id,
                participants=news.participants,
                to_all=news.to_all,
                watching=watching,
            )
            if reason is not None:
                owed = int(
                    reason in direct()
                    or (
                        member.joined <= event.created_at
                        and (member.level == levels.ALL or not _is_of_a_watch(member.level, reason))
                    )
                )
                if event.created_at < self.cleared_before:
                    owed *= BEYOND
                # Whoever has read something newer has seen that place: the row is added as read.
                read = event.id < self.read_to.get((user_id, event.organization_id), 0)
                state, read_at = (State.READ, self.now) if read else (State.UNREAD, None)
                yield Told(user_id, event.organization_id, event.id, reason, state.value, read_at, owed)

    def _read_to(self) -> dict[tuple[int, int], int]:
        read = Notification.objects.filter(HANDLED, **self.scope)
        newest = read.values_list("recipient_id", "organization_id").annotate(Max("event_id"))
        return {(user_id, organization_id): event_id for user_id, organization_id, event_id in newest}

    def _compare(self) -> None:
        with write_transaction(), connection.cursor() as cursor:
            if not self.dry_run:
                _lock_heads(self.scope)
            _fill(cursor, self.told)
            cursor.execute(f"SELECT count(*), count(CASE WHEN {_DIFFERS} THEN 1 END) FROM told {_JOIN}")  # noqa: S608
            matched, reasons = cursor.fetchone()
            places = ", ".join(["%s"] * len(direct()))
            cursor.execute(_MISSING.format(places), sorted(direct()))
            missing, missing_direct, beyond = cursor.fetchone()
            if reasons and not self.dry_run:
                cursor.execute(_CORRECT)
            if missing and not self.dry_run:
                cursor.execute(_ADD)
            cursor.execute("DROP TABLE told")
        self.matched += matched
        self.drift.reasons += reasons
        self.drift.missing += missing
        self.drift.direct += missing_direct
        self.drift.beyond += beyond
        self.told = []


def _is_of_a_watch(level: str, reason: str) -> bool:
    """Say whether without a watch they would not be told."""
    return reason == Reason.WATCHING or not hears(level, reason, watches=False)


def _cleared_before() -> str:
    """Write up to when inboxes were cleared as the database writes times; where none was, a text before them all."""
    written = Clearing.objects.annotate(text=Cast("before", TextField())).values_list("text", flat=True)
    return written.first() or ""


def _settled() -> int:
    """Find the newest event's id: no event can appear at or below it any more, for ids are given under the heads'
    locks, and here all are free."""
    with write_transaction():
        _lock_heads({})
        last: int | None = TaskEvent.objects.aggregate(last=Max("pk"))["last"]
    return last or 0


def _lock_heads(scope: dict[str, int]) -> None:
    list(LogHead.objects.select_for_update().filter(**scope).order_by("pk"))


def _members(scope: dict[str, int]) -> dict[int, dict[int, Member]]:
    members: dict[int, dict[int, Member]] = defaultdict(dict)
    active = Membership.objects.filter(user__is_active=True, **scope)
    for organization_id, user_id, level, joined in active.values_list(
        "organization_id", "user_id", "level", Cast("created", TextField())
    ):
        members[organization_id][user_id] = Member(level, joined)
    return members


def _fill(cursor: Any, told: list[Told]) -> None:
    cursor.execute(
        "CREATE TEMPORARY TABLE told AS "
        "SELECT recipient_id, organization_id, event_id, reason, state, read_at, 1 AS owed "
        "FROM inbox_notification WHERE 1 = 0"
    )
    fill("told", Told._fields, told)
    if connection.vendor == "postgresql":
        # A few thousand rows by the table's key; it would rather read the whole table each time.
        cursor.execute("ANALYZE told (event_id)")
        cursor.execute("SET LOCAL enable_seqscan = off")


_SAME = "note.recipient_id = told.recipient_id AND note.event_id = told.event_id"
_JOIN = f"JOIN inbox_notification note ON {_SAME}"
# What a watch and a level gave cannot be told from the log, so one is as good as the other.
_DIFFERS = " <> ".join(
    f"CASE {table}.reason WHEN 'watching' THEN 'org' ELSE {table}.reason END" for table in ("note", "told")
)
# What has left for the archive meanwhile is nobody's any more: the rows carry no constraint.
_THERE = (
    "EXISTS (SELECT 1 FROM events_taskevent event "
    "WHERE event.organization_id = told.organization_id AND event.id = told.event_id)"
)
_ABSENT = f"FROM told LEFT {_JOIN} WHERE note.event_id IS NULL AND {_THERE}"
_UNTOLD = f"{_ABSENT} AND told.owed = 1"
_MISSING = (
    "SELECT count(CASE WHEN told.owed = 1 THEN 1 END), "
    "count(CASE WHEN told.owed = 1 AND told.reason IN ({}) THEN 1 END), "
    f"count(CASE WHEN told.owed = {BEYOND} THEN 1 END) {_ABSENT}"
)
_CORRECT = (
    f"UPDATE inbox_notification AS note SET reason = told.reason FROM told WHERE {_SAME} AND {_DIFFERS}"  # noqa: S608
)
_ADD = (
    "INSERT INTO inbox_notification (recipient_id, organization_id, event_id, reason, state, read_at) "
    "SELECT told.recipient_id, told.organization_id, told.event_id, told.reason, told.state, told.read_at "
    f"{_UNTOLD} ON CONFLICT DO NOTHING"
)
