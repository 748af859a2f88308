"""The one way in: a command becomes events, rows and one announcement, or an error and nothing at all."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import Max, Q, UUIDField

from base.announcements import org_group_name
from base.compiled import Compiled, Parameter
from base.errors import Conflict, NotFound
from base.transactions import write_transaction
from events import log
from events.facts import Fact
from events.models import TaskEvent
from events.sentences import names_in, sentence
from inbox.commands import Place, append, lock, tell
from orgs.access import require_editor
from orgs.mentions import possible_names
from orgs.models import Membership, User
from tasks import projection
from tasks.commands import AssignTask, Command, CommentOnTask, CreateTask, DescribeTask
from tasks.decide import People, decide
from tasks.facts import TaskCreated, TaskRenamed
from tasks.models import Task
from tasks.stale import refuse_stale
from tasks.state import TaskState, fold
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
    task_id = _task_id(command)
    organization_id = _organization_id(command, task_id)
    with write_transaction(org_group_name(organization_id)):
        locked = lock(organization_id, actor)
        require_editor(locked.membership)
        past = log.load_past(organization_id, task_id)
        before = fold(past)
        _require_current(command, before, task_id)
        refuse_stale(command, past, before)
        decided = decide(before, command, _people(command, organization_id, before))
        if not decided:
            return []
        place = _place(task_id, before, organization_id)
        events = append(locked, place, _with_subjects(decided, before), now=now)
        after = tell(locked, TASK, before, events)
        projection.apply(task_id, after)
    return events


def execute_together(commands: Iterable[Command], *, actor: User) -> list[TaskEvent]:
    """Carry out all of them or none: an edit form changes several things at once."""
    commands = list(commands)
    if not commands:
        return []
    # Of one organization, as a form's are; what locks another's log as well waits for it in the database.
    organization_id = _organization_id(commands[0], _task_id(commands[0]))
    with write_transaction(org_group_name(organization_id)):
        return [event for command in commands for event in execute(command, actor=actor)]


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
        changes = "; ".join(sentence(event, names, "it") for event in meanwhile)
        raise Conflict(f"This task changed while you were editing: {changes}. Look at it again, then save.")


def _people(command: Command, organization_id: int, state: TaskState | None) -> People:
    """Find the members that the command may speak of, by the key of their user name. No query when it speaks
    of nobody."""
    assignee_id = command.assignee_id if isinstance(command, CreateTask | AssignTask) else None
    texts = {CreateTask: "description", DescribeTask: "description", CommentOnTask: "text"}
    keys = possible_names(getattr(command, texts.get(type(command), ""), ""))
    if keys and isinstance(command, DescribeTask) and state is not None:
        keys |= possible_names(state.description)  # whom it named already: they are not called again
    if assignee_id is None and not keys:
        return {}
    spoken_of = Q(user_id=assignee_id) | Q(user__name_key__in=keys)
    members = Membership.objects.filter(spoken_of, organization_id=organization_id, user__is_active=True)
    return dict(members.values_list("user__name_key", "user_id"))


def _place(task_id: uuid.UUID, state: TaskState | None, organization_id: int) -> Place:
    if state is not None:
        return Place(task_id, state.number, state.version)
    return Place(task_id, _next_number(organization_id), 0)


def _with_subjects(decided: Iterable[Fact], state: TaskState | None) -> list[log.Entry]:
    """Give each fact the title that the task has once it holds."""
    entries, title = [], state.title if state else ""
    for fact in decided:
        match fact:
            case TaskCreated(title=title) | TaskRenamed(after=title):
                pass
        entries.append(log.Entry(fact, title))
    return entries


def _next_number(organization_id: int) -> int:
    """Find the number of the next task. It stays free under the head's lock."""
    highest = Task.objects.filter(organization_id=organization_id).aggregate(Max("number"))["number__max"]
    return (highest or 0) + 1
