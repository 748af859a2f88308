"""The one way in: a command becomes events, rows and one announcement, or an error and nothing at all."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, count

from django.db.models import BigIntegerField, UUIDField
from django.utils import timezone

from base.announcements import org_group_name
from base.compiled import Compiled, Parameter
from base.errors import NotFound
from base.statements import Statement, run
from base.transactions import write_transaction
from events import log
from events.models import TaskEvent
from events.saves import by_save
from events.sentences import names_in, save_sentence
from inbox.commands import Change, Locked, Place, change, lock, write
from orgs.access import require_editor
from orgs.models import User
from tasks import projection
from tasks.archiving import refuse_archived
from tasks.commands import Command, CommentCommand, CreateTask
from tasks.decide import People, Spoken, decide
from tasks.known import KnownPeople, KnownTask
from tasks.models import Task
from tasks.stale import Outdated, refuse_stale
from tasks.state import TaskState, evolve, require_readable
from tasks.subject import TASK

_FIRST = Compiled(
    lambda: (
        TaskEvent.objects.filter(stream_id=Parameter("stream_id", UUIDField()), version=1)
        .order_by()
        .values_list("organization_id", "action", "schema_version")
    )
)


_HIGHEST = Compiled(
    lambda: (
        Task.objects.filter(organization_id=Parameter("organization_id", BigIntegerField()))
        .order_by("-number")
        .values_list("number")[:1]
    )
)


def execute(
    command: Command, *, actor: User, now: dt.datetime | None = None, along: Sequence[Statement] = ()
) -> list[TaskEvent]:
    """Carry out a command in one transaction. Returns the events appended; none when it changes nothing.

    Raises a DomainError (NotFound, Forbidden, Invalid, Conflict) that says what to do. `now` is for data from the past;
    what goes `along` is written with the events, after them, and as they are not at all where it fails.
    """
    return execute_together([command], actor=actor, now=now, along=along)


def execute_together(
    commands: Iterable[Command],
    *,
    actor: User,
    now: dt.datetime | None = None,
    along: Sequence[Statement] = (),
) -> list[TaskEvent]:
    """Carry out all of them or none. What they do to one task is one save, told as one piece of news: an edit form
    changes several things at once. Raises as `execute` does."""
    by_task: dict[uuid.UUID, list[Command]] = {}
    for command in commands:
        by_task.setdefault(command.task_id or uuid.uuid4(), []).append(command)
    homes = _organization_ids(by_task)
    if not homes:
        return []
    # Of one organization, as a form's are; what locks another's log as well waits for it in the database.
    with write_transaction(org_group_name(next(iter(homes.values())))):
        saves: dict[uuid.UUID, list[TaskEvent]] = {}
        for organization_id in dict.fromkeys(homes.values()):
            own = {task_id: by_task[task_id] for task_id in by_task if homes[task_id] == organization_id}
            saves |= _save(organization_id, own, actor, now, along)
    return [event for task_id in by_task for event in saves.get(task_id, [])]


def _save(
    organization_id: int,
    by_task: Mapping[uuid.UUID, Sequence[Command]],
    actor: User,
    now: dt.datetime | None,
    along: Sequence[Statement],
) -> dict[uuid.UUID, list[TaskEvent]]:
    """Decide the commands to each task one after the other, then append, tell and apply what they do at once."""
    tasks = [KnownTask(organization_id, task_id, commands) for task_id, commands in by_task.items()]
    people = KnownPeople(organization_id, chain.from_iterable(by_task.values()))
    highest = _HIGHEST.of(organization_id=organization_id)
    locked = lock(organization_id, actor, highest, *people.questions, *_all(KnownTask.questions, tasks))
    require_editor(locked.membership)
    run(*people.more_questions(tasks), *_all(KnownTask.more_questions, tasks))
    now = now or timezone.now()  # under the lock: times rise with positions
    free = count(1 + max(chain([0], *highest.rows)))  # they stay free under the head's lock
    changes, rows = list[Change](), list[Statement]()
    for task in tasks:
        _refuse_outdated(task)
        before = task.state
        place = Place(task.task_id, before.number if before else next(free), before.version if before else 0)
        if entries := _decided(task, people.people, place, locked, now):
            changes.append(made := change(locked, TASK, place, before, entries, task.asked, now=now))
            rows += projection.applied(task.task_id, task.snapshot, made.state)
    write(locked, changes, [*rows, *along])
    return {made.events[0].stream_id: made.events for made in changes}


def _all(ask: Callable[[KnownTask], list[Statement]], tasks: Iterable[KnownTask]) -> Iterable[Statement]:
    return chain.from_iterable(map(ask, tasks))


def _decided(
    task: KnownTask, people: People, place: Place, locked: Locked, now: dt.datetime
) -> list[log.Entry]:
    """Decide each command as the ones before it leave the task. Each fact gets the title that it then has."""
    organization_id, entries, state = locked.organization.pk, list[log.Entry](), task.state
    for command in task.commands:
        for fact in decide(state, command, people, _spoken(command, task, locked.actor)):
            version = place.version + len(entries) + 1
            event = log.PastEvent(fact, version, organization_id, place.number, locked.actor.pk, now)
            state = evolve(state, event)
            entries.append(log.Entry(fact, state.title))
    return entries


def _organization_ids(by_task: Mapping[uuid.UUID, Sequence[Command]]) -> dict[uuid.UUID, int]:
    """Find each task's organization. Raises NotFound when there is no such task, or when the id chosen for a new one is
    a foreign task's; CannotFold when a newer release began it."""
    asked = {task_id: _FIRST.of(stream_id=task_id) for task_id in by_task}
    run(*asked.values())
    homes = {}
    for task_id, statement in asked.items():
        command = by_task[task_id][0]
        found, *began = next(iter(statement.rows), (None,))
        wanted = command.organization_id if isinstance(command, CreateTask) else found
        if wanted is None:
            refuse_archived(task_id)
        if wanted is None or found not in (None, wanted):
            raise NotFound
        if began:
            require_readable(*began)
        homes[task_id] = wanted
    return homes


def _refuse_outdated(task: KnownTask) -> None:
    """Refuse what was asked of the task as it is no more. Only then events are read."""
    for index, command in enumerate(task.commands):
        _require_current(command, task.state, task.task_id)
        refuse_stale(command, task.state, task.changed_since(index))


def _require_current(command: Command, state: TaskState | None, task_id: uuid.UUID) -> None:
    expected = getattr(command, "expected_version", None)
    if state is not None and expected is not None:
        require_version(state.organization_id, task_id, state.version, expected)


def require_version(organization_id: int, task_id: uuid.UUID, version: int, expected: int) -> None:
    """Raise Outdated where the task has gone on since its asker saw it: it says who changed what meanwhile."""
    if version <= expected:
        return
    meanwhile = log.load_outline(organization_id, task_id, after=max(expected, version - 3))
    names = names_in(meanwhile)
    changes = "; ".join(save_sentence(save, names, "it") for save in by_save(meanwhile))
    raise Outdated(f"This task changed while you were editing: {changes}. Check it, then save again.")


def _spoken(command: Command, task: KnownTask, actor: User) -> Spoken | None:
    """Give the comment that the command names, as it was before all of them."""
    if not isinstance(command, CommentCommand):
        return None
    return Spoken(actor.pk, task.comments[command.comment], task.text_of(command.comment))
