"""Tasks: their list, one of them, and what changes it."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
from dmr.routing import path
from msgspec import UNSET, Meta, UnsetType

from api import task_shapes as shapes
from api.asked import AtMoment, OfTask, moment_asked, unreadable
from api.controllers import Resource, if_match, operation
from api.orgs import OrgPath
from api.paging import Id, Limit, Page
from api.parsing import Body, Path, Query, Strict
from api.task_list import ListPage, task_list
from base import errors
from events.models import TaskEvent
from events.sentences import names_in
from inbox.event_frames import event_frame
from inbox.log_pages import frames_of, readable_first
from orgs.access import require_editor
from orgs.models import Membership
from tasks import commands
from tasks.archiving import InArchive
from tasks.decide import TEXT_LIMIT, TITLE_LIMIT
from tasks.models import Task
from tasks.queries import task_of
from tasks.services import execute, execute_together, require_version
from tasks.stale import Outdated
from tasks.streams import Stream
from tokens import reach
from tokens.scopes import READ, WRITE

Title = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": TITLE_LIMIT})]
Text = Annotated[str, Meta(extra_json_schema={"maxLength": TEXT_LIMIT})]


class TaskFilter(Strict):
    """`status`: a status, `active` (open and in progress, what there is without it), `archived` or `all`. `assignee`:
    a user id, `me`, `none` or `@name`. `order`: `key`, `title`, `status`, `assignee`, `due` or `changed`, from the
    end with `-` before it. `at`: the list as it was then. `next`: from the address that the page before gave."""

    status: str = ""
    assignee: str = ""
    label: str = ""
    q: str = ""
    order: str = "-key"
    at: AtMoment = ""
    limit: Limit = 50
    next: str = ""


class NewTask(Strict):
    title: Title
    description: Text = ""
    assignee: Id | None = None
    due_date: dt.date | None = None
    labels: shapes.Labels = []


class TaskChange(Strict):
    """What is left out stays. All of it is one save, told as one piece of news."""

    title: Title | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    status: shapes.Status | UnsetType = UNSET
    assignee: Id | UnsetType | None = UNSET
    due_date: dt.date | UnsetType | None = UNSET
    labels: shapes.Labels | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class TaskDone(msgspec.Struct, kw_only=True):
    """The task as it is now, and the events that were made: none where nothing had to change."""

    task: shapes.WholeTask
    events: list[shapes.Frame]


class Then(Strict):
    """The task as it was: at a moment, or at one of its versions."""

    at: AtMoment = ""
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


class OfHistory(Strict):
    """`after`: a version; what follows on it is given."""

    after: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    limit: Limit = 50


class Tasks(Resource):
    scope = READ
    scope_to_change = WRITE
    also_refused = (410, 422)

    @operation("listTasks")
    def get(self, parsed_path: Path[OrgPath], parsed_query: Query[TaskFilter]) -> ListPage:
        """List the tasks, as they are or as they were."""
        member = reach.membership(self.request, parsed_path.slug)
        asked = parsed_query
        words = {"status": asked.status, "assignee": asked.assignee, "label": asked.label, "q": asked.q}
        moment = moment_asked(asked.at) if asked.at else None
        items, after, not_searched = task_list(member, words, asked.order, moment, asked.next, asked.limit)
        return ListPage(
            items=items, next=self.link_next(next=str(after)) if after else None, not_searched=not_searched
        )

    @operation("createTask")
    def post(self, parsed_path: Path[OrgPath], parsed_body: Body[NewTask]) -> TaskDone:
        """Create a task."""
        member = reach.membership(self.request, parsed_path.slug)
        require_editor(member)
        wanted = {name: getattr(parsed_body, name) for name in ("title", "description", "due_date", "labels")}
        command = commands.CreateTask(
            organization_id=member.organization_id,
            task_id=uuid.uuid4(),
            assignee_id=parsed_body.assignee,
            **wanted,
        )
        events = execute(command, actor=self.request.user)
        done = done_with(member, events[0].task_number, events)
        self.created(f"{self.request.path}/{done.task.number}")
        self.version(done.task.version)
        return done


class OneTask(Resource):
    scope = READ
    scope_to_change = WRITE
    versioned = True
    also_refused = (409, 410)

    @operation("getTask")
    def get(self, parsed_path: Path[OfTask], parsed_query: Query[Then]) -> shapes.WholeTask:
        """Give a task, as it is or as it was."""
        member = reach.membership(self.request, parsed_path.slug)
        task = task_of(member, parsed_path.number)
        shown = _then(task, parsed_query) if parsed_query.at or parsed_query.version else now(task)
        self.version(shown.version)
        return shown

    @operation("changeTask")
    def patch(self, parsed_path: Path[OfTask], parsed_body: Body[TaskChange]) -> TaskDone:
        """Change fields of a task. With If-Match only if it is at that version still; the refusal says who changed what
        meanwhile."""
        member = reach.membership(self.request, parsed_path.slug)
        require_editor(member)
        task, known = task_of(member, parsed_path.number), if_match(self.request)
        with stale_as_precondition():
            require_known(task, known)
            events = execute_together(_commands(task, parsed_body, known), actor=self.request.user)
        done = done_with(member, task.number, events)
        self.version(done.task.version)
        return done


class TaskHistory(Resource):
    scope = READ
    also_refused = (410,)

    @operation("listTaskEvents")
    def get(self, parsed_path: Path[OfTask], parsed_query: Query[OfHistory]) -> Page[shapes.Frame]:
        """List what happened to a task, from its first event on."""
        task = task_of(reach.membership(self.request, parsed_path.slug), parsed_path.number)
        require_present(task)
        beyond = TaskEvent.objects.filter(
            organization_id=task.organization_id, stream_id=task.pk, version__gt=parsed_query.after
        )
        events, more = readable_first(beyond.order_by("version"), parsed_query.limit)
        after = self.link_next(after=events[-1].version) if more and events else None
        return Page(items=frames_of(events), next=after)


def now(task: Task) -> shapes.WholeTask:
    is_erased = not task.description and Stream.of(task).is_description_erased()
    return shapes.whole(task, None if is_erased else task.description)


def done_with(member: Membership, number: int, events: Sequence[TaskEvent]) -> TaskDone:
    """Answer a command to the task of this number, which made one save of these events."""
    return TaskDone(task=now(task_of(member, number)), events=frames_made(events))


def frames_made(events: Sequence[TaskEvent]) -> list[shapes.Frame]:
    """Make the frames of one save that has just been made."""
    names = names_in(events)
    return [event_frame(event, names, events if event is events[-1] else ()) for event in events]


@contextmanager
def stale_as_precondition() -> Iterator[None]:
    """Let what is refused for its version be answered as If-Match asks: 412."""
    try:
        yield
    except Outdated as error:
        raise errors.Stale(error.message) from error


def require_known(task: Task, version: int | None) -> None:
    """Refuse a version that is not the task's. Raises Outdated, and Stale for one that it never had."""
    if version is None:
        return
    require_version(task.organization_id, task.pk, task.version, version)
    if version > task.version:
        raise errors.Stale(
            f"{task.key} is at version {task.version}, and If-Match names {version}. Read it again, then send this."
        )


def require_present(task: Task) -> None:
    """Refuse a question about the history of a task whose history is in the archive. Raises Gone."""
    if not Stream.of(task).count:
        gone = errors.Gone(
            f"{task.key} was finished, and its history is in the archive: ask whoever runs this server for the files."
        )
        gone.code = InArchive.code
        raise gone


def _then(task: Task, asked: Then) -> shapes.WholeTask:
    if asked.at and asked.version:
        raise unreadable("version", "Ask for a version or a moment, not for both.")
    require_present(task)
    stream = Stream.of(task)
    version = stream.version_at(moment_asked(asked.at)) if asked.at else asked.version or 0
    if version > stream.count:
        raise errors.NotFound(
            f"{task.key} has {stream.count} versions so far, and none of the number {version}."
        )
    past = stream.past(version)
    if past is None:
        raise errors.NotFound(f"There was no {task.key} yet.")
    return shapes.as_it_was(task.pk, past, task.organization.slug)


# The commands to one field, in the order in which a task is restored, changed, archived.
_FIELDS = {
    "title": commands.RenameTask,
    "description": commands.DescribeTask,
    "status": commands.ChangeStatus,
    "assignee": commands.AssignTask,
    "due_date": commands.SetDueDate,
    "labels": commands.SetLabels,
}


def _commands(task: Task, change: TaskChange, version: int | None) -> list[commands.TaskCommand]:
    asked: dict[str, Any] = {"task_id": task.pk, "expected_version": version}
    changes = [
        kind(**asked, **{"assignee_id" if name == "assignee" else name: value})
        for name, kind in _FIELDS.items()
        if (value := getattr(change, name)) is not UNSET
    ]
    if change.archived is False:
        return [commands.RestoreTask(**asked), *changes]
    return [*changes, commands.ArchiveTask(**asked)] if change.archived is True else changes


routes = [
    path("orgs/<slug:slug>/tasks", Tasks.as_view(), name="tasks"),
    path("orgs/<slug:slug>/tasks/<id:number>", OneTask.as_view(), name="task"),
    path("orgs/<slug:slug>/tasks/<id:number>/events", TaskHistory.as_view(), name="task_events"),
]
