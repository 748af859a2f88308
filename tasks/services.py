"""The one way in: a command becomes events, rows and one announcement, or an error and nothing at all."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Max, Q, UUIDField
from django.utils import timezone

from base.announcements import org_group_name
from base.compiled import Compiled, Parameter
from base.errors import Conflict, NotFound
from base.markdown import called
from base.transactions import write_transaction
from events import log
from events.models import TaskEvent
from events.saves import by_save
from events.sentences import names_in, save_sentence
from inbox.commands import Locked, Place, append, lock, tell
from orgs.access import require_editor
from orgs.mentions import possible_names
from orgs.models import Membership, User
from tasks import projection
from tasks.commands import (
    AssignTask,
    Command,
    CommentCommand,
    CommentOnTask,
    CreateTask,
    DescribeTask,
    EditComment,
)
from tasks.comments import comment_at
from tasks.decide import People, Spoken, decide
from tasks.models import Task
from tasks.stale import refuse_stale
from tasks.state import TaskState, evolve, fold
from tasks.subject import TASK

_ORGANIZATION_ID = Compiled(
    lambda: (
        TaskEvent.objects.filter(stream_id=Parameter("stream_id", UUIDField()), version=1)
        .order_by()
        .values_list("organization_id")
    )
)


def execute(command: Command, *, actor: User, now: dt.datetime | None = None) -> list[TaskEvent]:
    """Carry out a command in one transaction. Returns the events appended; none when it changes nothing.

    Raises a DomainError (NotFound, Forbidden, Invalid, Conflict) that says what to do. `now` is for data from the past.
    """
    return execute_together([command], actor=actor, now=now)


def execute_together(
    commands: Iterable[Command], *, actor: User, now: dt.datetime | None = None
) -> list[TaskEvent]:
    """Carry out all of them or none. What they do to one task is one save, told as one piece of news: an edit form
    changes several things at once. Raises as `execute` does."""
    by_task: dict[uuid.UUID, list[Command]] = {}
    for command in commands:
        by_task.setdefault(_task_id(command), []).append(command)
    homes = {task_id: _organization_id(own[0], task_id) for task_id, own in by_task.items()}
    if not homes:
        return []
    # Of one organization, as a form's are; what locks another's log as well waits for it in the database.
    with write_transaction(org_group_name(next(iter(homes.values())))):
        saves = [_save(homes[task_id], task_id, own, actor, now) for task_id, own in by_task.items()]
    return [event for save in saves for event in save]


def _save(
    organization_id: int,
    task_id: uuid.UUID,
    commands: Sequence[Command],
    actor: User,
    now: dt.datetime | None,
) -> list[TaskEvent]:
    """Decide the commands to one task one after the other, then append, tell and apply what they do at once."""
    locked = lock(organization_id, actor)
    require_editor(locked.membership)
    past = log.load_past(organization_id, task_id)
    before = fold(past)
    for command in commands:
        _require_current(command, before, task_id)
        refuse_stale(command, past, before)
    place = _place(task_id, before, organization_id)
    now = now or timezone.now()  # under the lock: times rise with positions
    entries = _decided(commands, past, place, locked, now)
    if not entries:
        return []
    events = append(locked, place, entries, now=now)
    projection.apply(task_id, tell(locked, TASK, before, events))
    return events


def _decided(
    commands: Sequence[Command],
    past: Sequence[log.PastEvent],
    place: Place,
    locked: Locked,
    now: dt.datetime,
) -> list[log.Entry]:
    """Decide each command as the ones before it leave the task. Each fact gets the title that it then has."""
    organization_id, entries, state = locked.organization.pk, list[log.Entry](), fold(past)
    people = _people(commands, organization_id, state)
    for command in commands:
        spoken = _spoken(command, past, place.stream_id, locked.actor)
        for fact in decide(state, command, people, spoken):
            version = place.version + len(entries) + 1
            event = log.PastEvent(fact, version, organization_id, place.number, locked.actor.pk, now)
            state = evolve(state, event)
            entries.append(log.Entry(fact, state.title))
    return entries


def _task_id(command: Command) -> uuid.UUID:
    return command.task_id or uuid.uuid4()


def _organization_id(command: Command, task_id: uuid.UUID) -> int:
    """Find the command's organization. Raises NotFound when there is no such task, or when the id chosen for
    a new one is a foreign task's."""
    found = next((organization_id for (organization_id,) in _ORGANIZATION_ID.rows(stream_id=task_id)), None)
    wanted = command.organization_id if isinstance(command, CreateTask) else found
    if wanted is None or found not in (None, wanted):
        raise NotFound
    return wanted


def _require_current(command: Command, state: TaskState | None, task_id: uuid.UUID) -> None:
    expected = getattr(command, "expected_version", None)
    if state is not None and expected is not None and state.version > expected:
        last = max(expected, state.version - 3)
        meanwhile = log.load_outline(state.organization_id, task_id, after=last)
        names = names_in(meanwhile)
        changes = "; ".join(save_sentence(save, names, "it") for save in by_save(meanwhile))
        raise Conflict(f"This task changed while you were editing: {changes}. Check it, then save again.")


def _spoken(
    command: Command, past: Sequence[log.PastEvent], task_id: uuid.UUID, actor: User
) -> Spoken | None:
    """Read the comment that the command names from what was loaded for the fold."""
    if not isinstance(command, CommentCommand):
        return None
    comment, text = comment_at(past, command.comment), None
    if comment and isinstance(command, EditComment):
        text = log.load_text(past[0].organization_id, task_id, comment.revision)
    return Spoken(actor.pk, comment, text)


def _people(commands: Sequence[Command], organization_id: int, state: TaskState | None) -> People:
    """Find the members that the commands may speak of, by the key of their user name. No query when they speak
    of nobody, nor when they do so in code or within a link only."""
    assigning = (each for each in commands if isinstance(each, CreateTask | AssignTask))
    assignee_ids = {each.assignee_id for each in assigning if each.assignee_id is not None}
    keys = set().union(*(possible_names(called(_text(command))) for command in commands))
    if keys and state is not None and any(isinstance(command, DescribeTask) for command in commands):
        keys |= possible_names(state.description)  # whom it named already: they are not called again
    if not assignee_ids and not keys:
        return {}
    spoken_of = Q(user_id__in=assignee_ids) | Q(user__name_key__in=keys)
    members = Membership.objects.filter(spoken_of, organization_id=organization_id, user__is_active=True)
    return dict(members.values_list("user__name_key", "user_id"))


def _text(command: Command) -> str:
    """Give what the command writes freely."""
    match command:
        case CreateTask(description=text) | DescribeTask(description=text):
            return text
        case CommentOnTask(text=text) | EditComment(text=text):
            return text
    return ""


def _place(task_id: uuid.UUID, state: TaskState | None, organization_id: int) -> Place:
    if state is not None:
        return Place(task_id, state.number, state.version)
    return Place(task_id, _next_number(organization_id), 0)


def _next_number(organization_id: int) -> int:
    """Find the number of the next task. It stays free under the head's lock."""
    highest = Task.objects.filter(organization_id=organization_id).aggregate(Max("number"))["number__max"]
    return (highest or 0) + 1
