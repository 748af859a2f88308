"""Tasks: their list, one of them, and what changes it."""

import uuid
from typing import Annotated

import msgspec
from dmr.routing import path
from msgspec import Meta

from api import task_shapes as shapes
from api.asked import AtMoment, OfTask, moment_asked, unreadable
from api.controllers import Resource, if_match, operation
from api.orgs import OrgPath
from api.paging import Limit
from api.parsing import Body, Path, Query, Strict
from api.task_answers import (
    TaskDone,
    done_with,
    now,
    require_known,
    require_present,
    stale_as_precondition,
)
from api.task_changes import NewTask, TaskChange, commands_of
from api.task_list import STATUSES, TaskPage, task_list
from base import errors
from events.models import TaskEvent
from inbox.log_pages import frames_of, readable_first
from orgs.access import require_editor
from tasks import commands
from tasks.models import Task
from tasks.queries import task_of
from tasks.services import execute, execute_together
from tasks.sorting import HEADINGS
from tasks.streams import Stream
from tokens import reach
from tokens.scopes import READ, WRITE

ORDERS = [f"{sign}{name}" for name in HEADINGS for sign in ("", "-")]


class TaskFilter(Strict):
    """`status`: a status, `active` (open and in progress, what there is without it), `archived` or `all`. `assignee`:
    a user id, `me`, `none` or `@name`. `order`: `key`, `title`, `status`, `assignee`, `due` or `changed`, from the
    end with `-` before it. `at`: the list as it was then. `next`: from the address that the page before gave."""

    status: Annotated[str, Meta(extra_json_schema={"enum": [*STATUSES]})] = ""
    assignee: str = ""
    label: str = ""
    q: str = ""
    order: Annotated[str, Meta(extra_json_schema={"enum": ORDERS})] = "-key"
    at: AtMoment | None = None
    limit: Limit = 50
    next: str = ""


class Then(Strict):
    """The task as it was: at a moment, or at one of its versions."""

    at: AtMoment | None = None
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


class OfHistory(Strict):
    """`after`: a version; what follows on it is given."""

    after: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    limit: Limit = 50


class EventPage(msgspec.Struct, kw_only=True):
    items: list[shapes.Frame]
    next: str | None


class Tasks(Resource):
    scope = READ
    scope_to_change = WRITE
    also_refused = (410, 422)

    @operation("listTasks")
    def get(self, parsed_path: Path[OrgPath], parsed_query: Query[TaskFilter]) -> TaskPage:
        """List the tasks, as they are or as they were."""
        member = reach.membership(self.request, parsed_path.slug)
        asked = parsed_query
        words = {"status": asked.status, "assignee": asked.assignee, "label": asked.label, "q": asked.q}
        moment = None if asked.at is None else moment_asked(asked.at)
        items, after, not_searched = task_list(member, words, asked.order, moment, asked.next, asked.limit)
        return TaskPage(
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
        shown = now(task) if parsed_query == Then() else _then(task, parsed_query)
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
            events = execute_together(commands_of(task, parsed_body, known), actor=self.request.user)
        done = done_with(member, task.number, events)
        self.version(done.task.version)
        return done


class TaskHistory(Resource):
    scope = READ
    also_refused = (410,)

    @operation("listTaskEvents")
    def get(self, parsed_path: Path[OfTask], parsed_query: Query[OfHistory]) -> EventPage:
        """List what happened to a task, from its first event on."""
        task = task_of(reach.membership(self.request, parsed_path.slug), parsed_path.number)
        require_present(task)
        beyond = TaskEvent.objects.filter(
            organization_id=task.organization_id, stream_id=task.pk, version__gt=parsed_query.after
        )
        events, more = readable_first(beyond.order_by("version"), parsed_query.limit)
        after = self.link_next(after=events[-1].version) if more and events else None
        return EventPage(items=frames_of(events), next=after)


def _then(task: Task, asked: Then) -> shapes.WholeTask:
    if asked.at is not None and asked.version:
        raise unreadable("version", "Ask for a version or a moment, not for both.")
    require_present(task)
    stream = Stream.of(task)
    version = stream.version_at(moment_asked(asked.at)) if asked.at is not None else asked.version or 0
    if version > stream.count:
        raise errors.NotFound(
            f"{task.key} has {stream.count} versions so far, and none of the number {version}."
        )
    past = stream.past(version)
    if past is None:
        raise errors.NotFound(f"There was no {task.key} yet.")
    return shapes.as_it_was(task.pk, past, task.organization.slug)


routes = [
    path("orgs/<slug:slug>/tasks", Tasks.as_view(), name="tasks"),
    path("orgs/<slug:slug>/tasks/<id:number>", OneTask.as_view(), name="task"),
    path("orgs/<slug:slug>/tasks/<id:number>/events", TaskHistory.as_view(), name="task_events"),
]
