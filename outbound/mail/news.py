"""What a mail of news tells, in the words of the inbox: by organization and task, the most important first."""

import uuid
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from base.plain_text import line_of
from inbox.catch_up import streams_of
from inbox.listing import Row
from inbox.reasons import ASSIGNED, MENTIONED, label_in, of_reader
from inbox.states import State
from inbox.thread_rows import Opened, ThreadRow, thread_rows
from inbox.wanted import Wanted
from orgs.models import Organization
from outbound.mail.links import absolute
from outbound.mail.spans import spans_left_out, spans_told
from outbound.models import Delivery
from outbound.telling import to_tell
from preferences.kinds import Kind, kind_of

TASKS = 20  # in one mail
CHANGES = 8  # of one task that a mail about it alone tells, the newest


class Change(NamedTuple):
    said: str
    moment: str
    url: str


class Task(NamedTuple):
    """What is new about one task: in a line, and where it stands alone in the mail, change by change in their order."""

    stream_id: uuid.UUID
    organization: Organization
    key: str
    title: str
    url: str
    who: str
    said: str
    moment: str
    many: int  # changes
    reason: str  # the strongest one's code
    label: str
    why: str  # `Carol mentioned you in it`
    changes: Sequence[Change] = ()

    @property
    def earlier(self) -> int:
        return self.many - len(self.changes)

    @property
    def stands_out(self) -> bool:
        """Say whether somebody wants something from its reader."""
        return self.reason in (MENTIONED, ASSIGNED)

    @property
    def first_url(self) -> str:
        """Lead to where reading begins: the first of the changes that are told."""
        return self.changes[0].url if self.changes else self.url


class Section(NamedTuple):
    organization: Organization
    tasks: list[Task]


class News(NamedTuple):
    """`many` changes of `tasks` and of `more`; `words` of the inbox's field mean exactly these."""

    tasks: list[Task]
    more: int
    many: int
    kinds: list[Kind]
    words: str
    organization: Organization | None  # the one that all of it is from; None where they are several

    @property
    def sections(self) -> list[Section]:
        """Group them by organization: that of the most important task first."""
        order = {task.organization.pk: place for place, task in reversed([*enumerate(self.tasks)])}
        ordered = sorted(self.tasks, key=lambda task: order[task.organization.pk])
        return [
            Section(organization, list(tasks))
            for organization, tasks in groupby(ordered, attrgetter("organization"))
        ]


def news_in(delivery: Delivery) -> News | None:
    """Gather what is left to be told of a delivery; None where nothing is."""
    told = to_tell(delivery)
    if not told or delivery.user_id is None:
        return None
    organizations = {each.organization_id: each.organization for each in told}
    spans = spans_told(delivery, told)
    org_ids, unread = tuple(organizations), frozenset({State.UNREAD})
    asked = Wanted(org_ids, unread, spans=spans, not_spans=spans_left_out(delivery, organizations))
    rows = asked.rows(delivery.user_id)
    ranked = streams_of(rows).order_by("rank", "-last")
    listed = list(ranked[:TASKS])
    tasks = _tasks(delivery.user_id, asked, listed, organizations)
    if not tasks:
        return None
    reasons = {each.reason for each in told}
    kinds = [kind for kind in Kind if kind in {kind_of(reason) for reason in reasons}]
    words = [f"news:{placed.span}" for placed in spans] + [
        f"-news:{placed.span}" for placed in asked.not_spans
    ]
    more = ranked.count() - TASKS if len(listed) == TASKS else 0
    only = tasks[0].organization if len(organizations) == 1 else None
    return News(tasks, more, rows.count(), kinds, " ".join(["is:all", *words]), only)


def _tasks(
    user_id: int, asked: Wanted, listed: Sequence[dict[str, object]], organizations: dict[int, Organization]
) -> list[Task]:
    threads = [(each["event__stream_id"], each["last"]) for each in listed]
    counts = {str(each["event__stream_id"]): each["told"] for each in listed}
    opened = Opened(str(threads[0][0])) if len(threads) == 1 else Opened()
    rows = thread_rows(user_id, asked, threads, opened)  # type: ignore[arg-type]
    return [_task(row, counts[row.stream_id], organizations[row.org_id]) for row in rows]  # type: ignore[arg-type]


def _task(row: ThreadRow, many: int, organization: Organization) -> Task:
    return Task(
        stream_id=uuid.UUID(row.stream_id),
        organization=organization,
        key=row.key,
        title=line_of(row.title),
        url=absolute(row.url),
        who=line_of(row.who.removesuffix(" ·")),
        said=line_of(row.said),
        moment=row.time.moment if row.time else "",
        many=many,
        reason=row.reason,
        label=label_in(row.reason, organization.name),
        why=of_reader(row.reason, row.actor, organization.name),
        changes=[_change(part) for part in reversed(row.parts[:CHANGES])],
    )


def _change(part: Row) -> Change:
    return Change(line_of(part.said), part.time.moment, absolute(part.url))
