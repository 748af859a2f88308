"""The rules: which facts follow from a command, or why it is refused. Pure: no Django, clock, randomness or I/O."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from base.errors import Conflict, Forbidden, NotFound
from base.plain_text import can_be_seen, line_of, text_of
from events.facts import Fact
from orgs.mentions import mentioned_names
from tasks import commands, facts
from tasks.comments import Comment
from tasks.labels import labels_of
from tasks.reactions import REACTIONS
from tasks.refusals import of_field
from tasks.state import TaskState
from tasks.statuses import LABELS

T = TypeVar("T")

TITLE_LIMIT = 200
TEXT_LIMIT = 20_000
MENTIONS_LIMIT = 50

_FIELDS = {
    "description": "description",
    "comment": "text",
}  # what a text is called -> the field that it came in

# The members that a command may speak of: the key of the user name (`orgs.names`) -> user id.
People = Mapping[str, int]


class Spoken(NamedTuple):
    """Who commands, and the comment that they name, as it is now, with its text where that is to change."""

    actor_id: int
    comment: Comment | None
    text: str | None = None


def decide(
    state: TaskState | None, command: commands.Command, people: People, spoken: Spoken | None = None
) -> list[Fact]:
    """Find the facts that follow; none when nothing changes. Raises Invalid, Conflict, Forbidden or NotFound."""
    if isinstance(command, commands.ImportTask):
        return [] if state else _import(command, people)
    if isinstance(command, commands.CreateTask):
        return [] if state else _create(command, people)
    if state is None:
        raise NotFound
    if state.archived and not isinstance(command, commands.ArchiveTask | commands.RestoreTask):
        raise Conflict("This task is archived. Restore it first.")
    if isinstance(command, commands.TakeBackImport):
        return [facts.ImportTakenBack()]
    if isinstance(command, commands.CommentCommand):
        fact = _change_comment(command, people, spoken)
    else:
        fact = _change(state, command, people)
    return [fact] if fact else []


def _create(command: commands.CreateTask, people: People) -> list[Fact]:
    description = _text(command.description, "description")
    decided: list[Fact] = [
        facts.TaskCreated(_title(command.title), description, _mentions(description, people, "description")),
    ]
    if command.assignee_id is not None:
        decided.append(facts.AssigneeChanged(None, _member(command.assignee_id, people)))
    if command.due_date is not None:
        decided.append(facts.DueDateChanged(None, command.due_date))
    if labels := labels_of(command.labels):
        decided.append(facts.LabelsChanged([], labels))
    return decided


def _import(command: commands.ImportTask, people: People) -> list[Fact]:
    """Create what a row says. Nobody is called by a description that comes from a file."""
    imported = facts.TaskImported(
        title=_title(command.title),
        description=_text(command.description, "description"),
        status=_status(command.status),
        assignee=None if command.assignee_id is None else _member(command.assignee_id, people),
        due_date=command.due_date,
        labels=labels_of(command.labels),
    )
    if not command.count:
        return [imported]
    members = [user_id for user_id in command.assignee_ids if user_id in people.values()]
    return [imported, facts.TasksImported(command.count, members)]


def _change(state: TaskState, command: commands.TaskCommand, people: People) -> Fact | None:
    match command:
        case commands.RenameTask(title=title):
            return _if_new(facts.TaskRenamed, state.title, _title(title))
        case commands.DescribeTask(description=description):
            return _describe(state.description, _text(description, "description"), people)
        case commands.ChangeStatus(status=status):
            return _if_new(facts.StatusChanged, state.status, _status(status))
        case commands.AssignTask(assignee_id=None):
            return _if_new(facts.AssigneeChanged, state.assignee_id, None)
        case commands.AssignTask(assignee_id=int(assignee_id)):
            if assignee_id == state.assignee_id:
                return None
            return facts.AssigneeChanged(state.assignee_id, _member(assignee_id, people))
        case commands.SetDueDate(due_date=due_date):
            return _if_new(facts.DueDateChanged, state.due_date, due_date)
        case commands.SetLabels(labels=labels):
            return _if_new(facts.LabelsChanged, state.labels, labels_of(labels))
        case commands.CommentOnTask(text=text):
            return _comment(text, people)
        case commands.ArchiveTask():
            return None if state.archived else facts.TaskArchived()
        case commands.RestoreTask():
            return facts.TaskRestored() if state.archived else None
        case _:
            raise TypeError(f"no rule for {command!r}")


def _change_comment(command: commands.CommentCommand, people: People, spoken: Spoken | None) -> Fact | None:
    if spoken is None or (comment := spoken.comment) is None:
        raise NotFound
    match command:
        case commands.DeleteComment():
            _require_own(comment, spoken.actor_id, "delete")
            return None if comment.deleted else facts.CommentDeleted(comment.version)
        case _ if comment.deleted:
            raise Conflict("This comment was deleted.")
        case commands.EditComment(text=text, revision=revision):
            _require_own(comment, spoken.actor_id, "edit")
            if revision is not None and comment.revision > revision:
                raise Conflict("You changed this comment elsewhere. Check it, then save again.")
            return _edit(comment, spoken.text, _comment_text(text), people)
        case commands.React(reaction=reaction, on=on):
            return _react(comment, spoken.actor_id, reaction, on)
        case _:
            raise TypeError(f"no rule for {command!r}")


def _require_own(comment: Comment, actor_id: int, what: str) -> None:
    if comment.author_id != actor_id:
        raise Forbidden(f"Only the person who wrote a comment can {what} it.")


def _edit(comment: Comment, before: str | None, after: str, people: People) -> facts.CommentEdited | None:
    """Call only those whom no earlier text of the comment called."""
    if before == after:
        return None
    called = [user_id for user_id in _mentioned(after, people) if user_id not in comment.mentioned]
    return facts.CommentEdited(comment.version, after, _few(called, "comment"))


def _react(comment: Comment, actor_id: int, reaction: str, on: bool) -> Fact | None:
    if reaction not in REACTIONS:
        raise of_field("reaction", "That reaction does not exist. Choose one that is offered.")
    if on == ((actor_id, reaction) in comment.reactions):
        return None
    if on:
        again = actor_id in comment.reacted
        return facts.Reacted(comment.version, reaction, comment.author_id, again)
    return facts.Unreacted(comment.version, reaction)


def _if_new(fact: Callable[[T, T], Fact], before: T, after: T) -> Fact | None:
    return None if before == after else fact(before, after)


def _describe(before: str, after: str, people: People) -> facts.TaskDescribed | None:
    """Mention those whom the new text names and the old one did not: an edit does not call everybody again.
    None where nothing changes."""
    if before == after:
        return None
    known = _mentioned(before, people)
    called = [user_id for user_id in _mentioned(after, people) if user_id not in known]
    return facts.TaskDescribed(after, _few(called, "description"))


def _comment(text: str, people: People) -> facts.Commented:
    text = _comment_text(text)
    return facts.Commented(text, _mentions(text, people, "comment"))


def _comment_text(text: str) -> str:
    text = _text(text, "comment")
    if not text:
        raise of_field("text", "The comment is empty. Write something first.")
    return text


def _title(title: str) -> str:
    title = line_of(title)
    if not can_be_seen(title):
        raise of_field("title", "A task needs a title that people can see.")
    if len(title) > TITLE_LIMIT:
        raise of_field(
            "title",
            f"The title has {len(title)} characters; {TITLE_LIMIT} is the limit. Put the rest in the description.",
        )
    return title


def _text(text: str, what: str) -> str:
    """Make a text plain; empty where there is nothing to see. Raises Invalid for one that is too long."""
    text = text_of(text)
    if len(text) > TEXT_LIMIT:
        words = f"The {what} has {len(text):,} characters; {TEXT_LIMIT:,} is the limit."
        raise of_field(_FIELDS[what], words)
    return text if can_be_seen(text) else ""


def _status(status: str) -> str:
    if status not in LABELS:
        *most, last = map(str.lower, LABELS.values())
        raise of_field("status", f"That status does not exist. Choose {', '.join(most)} or {last}.")
    return status


def _member(user_id: int, people: People) -> int:
    if user_id not in people.values():
        raise of_field("assignee", "A task can only be assigned to a member of this organization.")
    return user_id


def _mentions(text: str, people: People, what: str) -> list[int]:
    return _few(_mentioned(text, people), what)


def _mentioned(text: str, people: People) -> list[int]:
    return [people[key] for key in mentioned_names(text, people)]


def _few(called: list[int], what: str) -> list[int]:
    """Refuse a text that calls too many, for nobody is left out in silence."""
    if len(called) > MENTIONS_LIMIT:
        raise of_field(
            _FIELDS[what],
            f"This text mentions {len(called)} people; {MENTIONS_LIMIT} is the limit. Leave some of them out.",
        )
    return called
