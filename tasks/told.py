"""Who would be told of a plain change of a task now, and why: for the task's page."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from django.db.models import Case, Count, Q, QuerySet, Value, When, Window

from inbox import reasons
from inbox.recipients import MUTED, muted_by, reason_for
from inbox.services import asked_of
from orgs import levels
from orgs.models import Membership, User
from tasks.facts import StatusChanged
from tasks.models import Task
from tasks.participants import participants
from tasks.state import TaskState

LISTED = 20  # people
NOBODY = 0  # did it: no user has this id
PLAIN = StatusChanged("open", "done")  # neither mentions nor assigns anybody


class Told(NamedTuple):
    """`reader`: the code of why the reader is told, None where they are not; `part`: why it concerns them, whatever
    they chose. The people have their `why`."""

    reader: str | None
    because: str
    part: str | None
    watching: bool
    muted: bool
    people: list[User]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.people)


def who_is_told(task: Task, membership: Membership) -> Told:
    """Ask by two queries, whatever their number. `membership` is the reader's."""
    asked = asked_of(task.pk)
    state = cast(TaskState, task)  # the row has the fields of the fold
    concerned = participants(PLAIN, state, state, asked.watchers)
    told = muted_by(concerned, asked.muters)
    reader = reason_for(membership.user_id, membership.level, actor_id=NOBODY, participants=told)
    listed = list(_members(membership.organization_id, told)[:LISTED])
    return Told(
        reader,
        reasons.of_reader_now(reader, membership.organization.name) if reader else "",
        concerned.get(membership.user_id),
        membership.user_id in asked.watchers,
        membership.user_id in asked.muters,
        [_with_why(member, told) for member in listed],
        listed[0].total if listed else 0,
    )


def _members(organization_id: int, told: Mapping[int, str]) -> "QuerySet[Any]":
    """Find the members who are told, whom it concerns first, each with the `total`."""
    muters = [user_id for user_id, reason in told.items() if reason == MUTED]
    named = {user_id: reason for user_id, reason in told.items() if reason != MUTED}
    order = [code for code in reasons.reasons() if code in named.values()]
    ranks = [
        When(user_id__in=[user_id for user_id, reason in named.items() if reason == code], then=Value(rank))
        for rank, code in enumerate(order)
    ]
    hears = Q(level=levels.ALL) | Q(level=levels.PARTICIPATING, user_id__in=list(named))
    members = Membership.objects.filter(hears, organization_id=organization_id, user__is_active=True)
    ranked = members.exclude(user_id__in=muters).annotate(
        rank=Case(*ranks, default=Value(len(order))), total=Window(Count("*"))
    )
    return ranked.select_related("user").order_by("rank", "user__first_name", "user_id")


def _with_why(member: Any, told: Mapping[int, str]) -> User:
    user: User = member.user
    user.why = reasons.of_another(told.get(user.pk, reasons.ORG), "task")  # type: ignore[attr-defined]
    return user
