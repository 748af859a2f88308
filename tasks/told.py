"""Who would be told of a plain change of a task now, and why: for the task's page."""

from collections.abc import Mapping
from typing import NamedTuple, cast

from base.statements import Statement, places, run
from inbox import reasons
from inbox.deliver import hearers
from inbox.recipients import MUTED, muted_by, reason_for
from inbox.services import asked_of
from orgs import levels
from orgs.models import Membership
from orgs.names import display_name_of, initials_of
from tasks.facts import StatusChanged
from tasks.models import Task
from tasks.participants import participants
from tasks.state import TaskState

LISTED = 20  # people
NOBODY = 0  # did it: no user has this id
PLAIN = StatusChanged("open", "done")  # neither mentions nor assigns anybody


class Listener(NamedTuple):
    """Somebody who is told, as templates/lists/people.html draws them."""

    pk: int
    display_name: str
    initials: str
    why: str


class Told(NamedTuple):
    """`reader`: the code of why the reader is told, None where they are not; `part`: why it concerns them, whatever
    they chose."""

    reader: str | None
    because: str
    part: str | None
    watching: bool
    muted: bool
    people: list[Listener]
    total: int
    watch_helps: bool  # what they take part in they would hear of only if they watched it

    @property
    def more(self) -> int:
        return self.total - len(self.people)


def who_is_told(task: Task, membership: Membership) -> Told:
    """Ask by two queries, whatever their number. `membership` is the reader's."""
    asked = asked_of(task.pk)
    state = cast(TaskState, task)  # the row has the fields of the fold
    concerned = participants(PLAIN, state, state, asked.watchers)
    told = muted_by(concerned, asked.muters)
    watching = [user_id for user_id in asked.watchers if concerned[user_id] != reasons.WATCHING]
    reader = reason_for(
        membership.user_id, membership.level, actor_id=NOBODY, participants=told, watching=watching
    )
    people, total = _listeners(membership.organization_id, told, watching)
    return Told(
        reader,
        reasons.of_reader_now(reader, membership.organization.name) if reader else "",
        concerned.get(membership.user_id),
        membership.user_id in asked.watchers,
        membership.user_id in asked.muters,
        people,
        total,
        membership.level == levels.WATCHED,
    )


def _listeners(
    organization_id: int, told: Mapping[int, str], watching: list[int]
) -> tuple[list[Listener], int]:
    """Find the members who are told, whom it concerns first, and how many they are."""
    run(statement := _question(organization_id, told, watching))
    people = [_listener(told, *columns) for *columns, _ in statement.rows]
    return people, statement.rows[0][-1] if people else 0


def _listener(
    told: Mapping[int, str], user_id: int, username: str, first_name: str, last_name: str
) -> Listener:
    name = display_name_of(username, first_name, last_name, is_erased=False)
    return Listener(
        user_id, name, initials_of(name), reasons.of_another(told.get(user_id, reasons.ORG), "task")
    )


def _question(organization_id: int, told: Mapping[int, str], watching: list[int]) -> Statement:
    muters = [user_id for user_id, reason in told.items() if reason == MUTED]
    order = list(reasons.reasons())
    ranks = {user_id: order.index(reason) for user_id, reason in told.items() if reason != MUTED}
    hearing, heard = hearers({user_id: told[user_id] for user_id in ranks}, watching)
    sql = _LISTENERS.format(
        hearing=hearing,
        muters=places([NOBODY, *muters]),
        ranks=" ".join(["WHEN %s THEN %s"] * len(ranks)),
    )
    in_order = [value for pair in ranks.items() for value in pair]
    values = [organization_id, *heard, NOBODY, *muters, *in_order]
    return Statement(sql, [*values, len(order), LISTED])


_LISTENERS = """
SELECT person.id, person.username, person.first_name, person.last_name, COUNT(*) OVER ()
FROM orgs_membership member JOIN orgs_user person ON person.id = member.user_id
WHERE member.organization_id = %s AND person.is_active
    AND ({hearing})
    AND member.user_id NOT IN ({muters})
ORDER BY CASE member.user_id WHEN 0 THEN 0 {ranks} ELSE %s END, person.first_name, person.id
LIMIT %s
"""
