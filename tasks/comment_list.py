"""A task's comments as they are now, oldest first, in pages: what programs get of a conversation."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from base.errors import NotFound
from events.models import TaskEvent
from events.sizes import fitting
from inbox.replay_pieces import weight
from tasks.facts import CommentDeleted, Commented
from tasks.models import Task
from tasks.on_comments import on_comments

PAGE = 512 * 1024  # bytes of what was written in the comments of one page
NEWEST = 2**31 - 1


class Said(NamedTuple):
    """A comment. `text` is None where it was deleted or erased. `revision`: the version that gave it its text, or took
    it. `reactions`: by name, the ids of who gave them."""

    event: TaskEvent
    text: str | None
    is_deleted: bool
    revision: int
    edited_at: dt.datetime | None
    reactions: Mapping[str, Sequence[int]]


def comments_after(task: Task, after: int, limit: int) -> tuple[list[Said], bool]:
    """Load the comments beyond a version, and whether there are more: by four statements, whatever they are."""
    found = _events(task).filter(version__gt=after).order_by("version").outlined()[: limit + 1]
    return _said(list(found), limit)


def comment_of(task: Task, version: int) -> Said:
    """Load the comment of this version. Raises NotFound."""
    if version > NEWEST:
        raise NotFound
    said, _ = _said(list(_events(task).filter(version=version).outlined()), 1)
    if not said:
        raise NotFound
    return said[0]


def _events(task: Task) -> Any:
    return TaskEvent.objects.filter(
        organization_id=task.organization_id, stream_id=task.pk, action=Commented.action
    )


def _said(events: Sequence[TaskEvent], limit: int) -> tuple[list[Said], bool]:
    happened = on_comments(events[:limit])
    newest = happened.newest_text(NEWEST)
    deleted = {version for version, each in newest.items() if each.action == CommentDeleted.action}
    sources = {
        event.version: newest[event.version].event_id if event.version in newest else event.pk
        for event in events[:limit]
    }
    count = _fitting([sources[event.version] for event in events[:limit]])
    shown = events[:count]
    texts = TaskEvent.objects.readable().in_bulk([sources[event.version] for event in shown])
    reactions = happened.reactions(NEWEST)
    said = []
    for event in shown:
        source = texts[sources[event.version]]
        is_deleted, is_edited = event.version in deleted, source.pk != event.pk
        text = None if is_deleted else getattr(source.fact, "text", None)
        edited_at = source.created_at if is_edited and not is_deleted else None
        given = {} if is_deleted else reactions.get(event.version, {})
        said.append(Said(event, text, is_deleted, source.version, edited_at, given))
    return said, count < len(events)


def _fitting(event_ids: Sequence[int]) -> int:
    """Count how many of these, from the first on, one page can hold."""
    sizes = dict(TaskEvent.objects.filter(pk__in=event_ids).sized().values_list(*["pk", "octets"]))
    return fitting((weight(sizes[event_id]) for event_id in event_ids), PAGE)
