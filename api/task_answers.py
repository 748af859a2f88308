"""What is answered of a task: as it is now, the events that a command made, and what of it cannot be had."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from api import task_shapes as shapes
from base import errors
from events.models import TaskEvent
from events.sentences import names_in
from inbox.event_frames import event_frame
from orgs.models import Membership
from tasks.archiving import InArchive
from tasks.models import Task
from tasks.queries import task_of
from tasks.services import require_version
from tasks.stale import Outdated
from tasks.streams import Stream


class TaskDone(msgspec.Struct, kw_only=True):
    """The task as it is now, and the events that were made: none where nothing had to change."""

    task: shapes.WholeTask
    events: list[shapes.Frame]


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
