"""A task's comments: their list, one of them, reactions."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from dmr.routing import path
from msgspec import Meta

from api import task_shapes as shapes
from api.asked import OfComment, OfTask
from api.controllers import Resource, if_match, operation
from api.paging import Page
from api.parsing import Body, Path, Query, Strict
from api.task_answers import frames_made, now, require_present
from api.task_changes import Text
from api.tasks import OfHistory
from base import errors
from events.models import TaskEvent
from orgs.models import Membership
from tasks import commands
from tasks.comment_list import NEWEST, comment_of, comments_after
from tasks.commenting import comment
from tasks.models import Task
from tasks.queries import task_of
from tasks.reactions import REACTIONS
from tasks.services import execute
from tokens import reach
from tokens.scopes import READ, WRITE


class CommentText(Strict):
    text: Text


class OfReaction(OfComment, kw_only=True):
    name: Annotated[str, Meta(extra_json_schema={"enum": list(REACTIONS)})]


class CommentDone(msgspec.Struct, kw_only=True):
    """The task and the comment as they are now, and the events that were made: none where nothing had to change."""

    task: shapes.WholeTask
    comment: shapes.Comment
    events: list[shapes.Frame]


class Comments(Resource):
    scope = READ
    scope_to_change = WRITE
    also_refused = (410,)

    @operation("listComments")
    def get(self, parsed_path: Path[OfTask], parsed_query: Query[OfHistory]) -> Page[shapes.Comment]:
        """List the comments of a task, oldest first."""
        task = task_of(reach.membership(self.request, parsed_path.slug), parsed_path.number)
        require_present(task)
        said, more = comments_after(task, parsed_query.after, parsed_query.limit)
        after = self.link_next(after=said[-1].event.version) if more else None
        return Page(items=[shapes.comment(each) for each in said], next=after)

    @operation("addComment")
    def post(self, parsed_path: Path[OfTask], parsed_body: Body[CommentText]) -> CommentDone:
        """Comment on a task. `@name` mentions a member."""
        member = reach.membership(self.request, parsed_path.slug)
        event = comment(task_of(member, parsed_path.number), parsed_body.text, actor=self.request.user)
        done = _done(member, parsed_path.number, event.version, [event])
        self.created(f"{self.request.path}/{event.version}")
        self.version(done.comment.revision)
        return done


class OneComment(Resource):
    scope = READ
    scope_to_change = WRITE
    versioned = True

    @operation("getComment")
    def get(self, parsed_path: Path[OfComment]) -> shapes.Comment:
        """Give a comment as it is now."""
        task = task_of(reach.membership(self.request, parsed_path.slug), parsed_path.number)
        shown = shapes.comment(comment_of(task, parsed_path.version))
        self.version(shown.revision)
        return shown

    @operation("changeComment")
    def patch(self, parsed_path: Path[OfComment], parsed_body: Body[CommentText]) -> CommentDone:
        """Write a comment of one's own anew. With If-Match only if its text is of that version still."""
        member, task = _place(self, parsed_path)
        edit = commands.EditComment(
            task_id=task.pk,
            comment=parsed_path.version,
            text=parsed_body.text,
            revision=_known(self, task, parsed_path.version),
        )
        events = execute(edit, actor=self.request.user)
        done = _done(member, parsed_path.number, parsed_path.version, events)
        self.version(done.comment.revision)
        return done

    @operation("deleteComment")
    def delete(self, parsed_path: Path[OfComment]) -> CommentDone:
        """Delete a comment of one's own: its place stays."""
        member, task = _place(self, parsed_path)
        _known(self, task, parsed_path.version)
        deletion = commands.DeleteComment(task_id=task.pk, comment=parsed_path.version)
        events = execute(deletion, actor=self.request.user)
        return _done(member, parsed_path.number, parsed_path.version, events)


class Reaction(Resource):
    scope = WRITE

    @operation("addReaction")
    def put(self, parsed_path: Path[OfReaction]) -> CommentDone:
        """React to a comment."""
        return _react(self, parsed_path, on=True)

    @operation("removeReaction")
    def delete(self, parsed_path: Path[OfReaction]) -> CommentDone:
        """Take a reaction back."""
        return _react(self, parsed_path, on=False)


def _react(resource: Resource, place: OfReaction, *, on: bool) -> CommentDone:
    member, task = _place(resource, place)
    if place.name not in REACTIONS:
        raise errors.NotFound(f"There is no such reaction. There are {', '.join(REACTIONS)}.")
    command = commands.React(task_id=task.pk, comment=place.version, reaction=place.name, on=on)
    events = execute(command, actor=resource.request.user)
    return _done(member, place.number, place.version, events)


def _place(resource: Resource, place: OfComment) -> tuple[Membership, Task]:
    """Find whose task it is. Raises NotFound, also for a version that no comment can have."""
    member = reach.membership(resource.request, place.slug)
    if place.version > NEWEST:
        raise errors.NotFound
    return member, task_of(member, place.number)


def _known(resource: Resource, task: Task, version: int) -> int | None:
    """Read which text of the comment the client knows. Raises Stale where it is not the one that stands there."""
    known = if_match(resource.request)
    if known is not None and known != comment_of(task, version).revision:
        raise errors.Stale("This comment was changed meanwhile. Read it again, then send this again.")
    return known


def _done(member: Membership, number: int, version: int, events: Sequence[TaskEvent]) -> CommentDone:
    task = task_of(member, number)
    said = shapes.comment(comment_of(task, version))
    return CommentDone(task=now(task), comment=said, events=frames_made(events))


routes = [
    path("orgs/<slug:slug>/tasks/<id:number>/comments", Comments.as_view(), name="comments"),
    path("orgs/<slug:slug>/tasks/<id:number>/comments/<id:version>", OneComment.as_view(), name="comment"),
    path(
        "orgs/<slug:slug>/tasks/<id:number>/comments/<id:version>/reactions/<slug:name>",
        Reaction.as_view(),
        name="reaction",
    ),
]
