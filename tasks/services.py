"""The one way in: a command becomes events, rows and one announcement, or an error and nothing at all."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import BigIntegerField, Max, Q, UUIDField
from django.utils import timezone

from base.announcements import announce, org_group_name
from base.compiled import Compiled, Parameter
from base.errors import Conflict, NotFound
from base.messages import AppendedEvent, LogAppended
from base.transactions import write_transaction
from events import log
from events.facts import Fact, TaskCreated, TaskRenamed
from events.models import TaskEvent
from events.sentences import names_in, sentence
from inbox.deliver import deliver
from inbox.event_frames import appended
from inbox.models import Watch
from orgs.access import require_editor
from orgs.models import Membership, Organization, User
from tasks import projection
from tasks.commands import AssignTask, Command, CommentOnTask, CreateTask, DescribeTask
from tasks.decide import People, decide
from tasks.mentions import possible_names
from tasks.models import Task
from tasks.participants import participants
from tasks.state import TaskState, evolve, fold

_STREAM = Parameter("stream_id", UUIDField())
_ORGANIZATION_ID = Compiled(
    lambda: TaskEvent.objects.filter(stream_id=_STREAM, version=1).order_by().values_list("organization_id")
)
_WATCHERS = Compiled(lambda: Watch.objects.filter(stream_id=_STREAM).values_list("user_id"))
_ORGANIZATION_FIELDS = ("id", "slug", "name", "membership_version")
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


def execute(command: Command, *, actor: User, now: dt.datetime | None = None) -> list[TaskEvent]:
    """Carry out a command in one transaction. Returns the events appended; none when it changes nothing.

    Raises a DomainError (NotFound, Forbidden, Invalid, Conflict) that says what to do. `now` is for data from the past.
    """
    task_id = _task_id(command)
    organization_id = _organization_id(command, task_id)
    with write_transaction(org_group_name(organization_id)):
        head = log.lock_head(organization_id)  # first, so that whoever waits holds nothing else
        membership = _membership(organization_id, actor)
        before = fold(log.load_past(organization_id, task_id))
        _require_current(command, before, task_id)
        decided = decide(before, command, _people(command, organization_id, before))
        if not decided:
            return []
        events = log.append(
            head,
            task_id,
            before.number if before else _next_number(organization_id),
            before.version if before else 0,
            _with_subjects(decided, before.title if before else ""),
            actor=actor,
            now=now or timezone.now(),
        )
        _project_and_tell(task_id, before, events, membership)
    return events


def execute_together(commands: Iterable[Command], *, actor: User) -> list[TaskEvent]:
    """All of them or none: an edit form changes several things at once."""
    commands = list(commands)
    if not commands:
        return []
    # Of one organization, as a form's are; what locks another's log as well waits for it in the database.
    organization_id = _organization_id(commands[0], _task_id(commands[0]))
    with write_transaction(org_group_name(organization_id)):
        return [event for command in commands for event in execute(command, actor=actor)]


def _project_and_tell(
    task_id: uuid.UUID, before: TaskState | None, events: list[TaskEvent], membership: Membership
) -> None:
    """Apply to the projection, deliver to the inboxes, announce after the commit."""
    watchers = [user_id for (user_id,) in _WATCHERS.rows(stream_id=task_id)]
    names = names_in(events)
    announced: list[AppendedEvent] = []
    state = before
    for event in events:
        event.organization = membership.organization
        before, state = state, evolve(state, event)
        concerned = participants(event.fact, before, state, watchers)
        deliver(event, concerned)
        announced.append(appended(event, names, concerned))
    if state is not None:
        projection.apply(task_id, state)
    version = membership.organization.membership_version
    announce_appended(membership.organization_id, version, events[0].follows, announced)


def announce_appended(
    organization_id: int, membership_version: int, follows: str, announced: list[AppendedEvent]
) -> None:
    """Tell of events that were delivered under that membership version. `follows`: the digest before the first."""
    message = LogAppended(organization_id, membership_version, follows, announced)
    announce(org_group_name(organization_id), message)


def _task_id(command: Command) -> uuid.UUID:
    return command.task_id or uuid.uuid4()


def _organization_id(command: Command, task_id: uuid.UUID) -> int:
    """Raises NotFound when there is no such task, or when the id chosen for a new one is a foreign task's."""
    found = next((organization_id for (organization_id,) in _ORGANIZATION_ID.rows(stream_id=task_id)), None)
    wanted = command.organization_id if isinstance(command, CreateTask) else found
    if wanted is None or found not in (None, wanted):
        raise NotFound
    return wanted


def _membership(organization_id: int, actor: User) -> Membership:
    """The actor's membership, with the organization's row locked: no membership changes between the version that is
    announced and the rows that are delivered. Lock order: log head, then organization.

    In two statements: one that waited for its lock sees the rows that it locks as they are now, and the rows joined to
    them as they were before it waited."""
    locked = _ORGANIZATION.rows(organization_id=organization_id)
    roles = _ROLE.rows(organization_id=organization_id, user_id=actor.pk)
    if not roles:
        raise NotFound
    membership = Membership(
        organization=Organization.from_db(None, _ORGANIZATION_FIELDS, locked[0]), user=actor, role=roles[0][0]
    )
    require_editor(membership)
    return membership


def _require_current(command: Command, state: TaskState | None, task_id: uuid.UUID) -> None:
    expected = getattr(command, "expected_version", None)
    if state is not None and expected is not None and state.version > expected:
        last = max(expected, state.version - 3)
        meanwhile = log.load_outline(state.organization_id, task_id, after=last)
        names = names_in(meanwhile)
        changes = "; ".join(sentence(event, names, "it") for event in meanwhile)
        raise Conflict(f"This task changed while you were editing: {changes}. Look at it again, then save.")


def _people(command: Command, organization_id: int, state: TaskState | None) -> People:
    """The members that the command may speak of, by the key of their user name. No query when it speaks of nobody."""
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


def _with_subjects(decided: Iterable[Fact], title: str) -> list[log.Entry]:
    """Each fact with the title that the task has once it holds."""
    entries = []
    for fact in decided:
        match fact:
            case TaskCreated(title=title) | TaskRenamed(after=title):
                pass
        entries.append(log.Entry(fact, title))
    return entries


def _next_number(organization_id: int) -> int:
    """Safe under the head's lock."""
    highest = Task.objects.filter(organization_id=organization_id).aggregate(Max("number"))["number__max"]
    return (highest or 0) + 1
