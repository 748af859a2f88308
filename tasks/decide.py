"""The rules: which facts follow from a command, or why it is refused. Pure: no Django, clock, randomness or I/O."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from events import facts
from events.sentences import STATUS_LABELS
from orgs.errors import Conflict, Invalid, NotFound
from tasks import commands
from tasks.mentions import mentioned_names
from tasks.state import TaskState

T = TypeVar("T")

TITLE_LIMIT = 200
TEXT_LIMIT = 20_000

# The members that a command speaks of: user name in lower case -> user id.
People = Mapping[str, int]


def decide(state: TaskState | None, command: commands.Command, people: People) -> list[facts.Fact]:
    """Empty when the command changes nothing. Raises Invalid, Conflict or NotFound."""
    if isinstance(command, commands.CreateTask):
        return [] if state else _create(command, people)
    if state is None:
        raise NotFound
    if state.archived and not isinstance(command, commands.ArchiveTask | commands.RestoreTask):
        raise Conflict("This task is archived. Restore it first.")
    fact = _change(state, command, people)
    return [fact] if fact else []


def _create(command: commands.CreateTask, people: People) -> list[facts.Fact]:
    description = _text(command.description, "description")
    decided: list[facts.Fact] = [
        facts.TaskCreated(_title(command.title), description, _mentions(description, people)),
    ]
    if command.assignee_id is not None:
        decided.append(facts.AssigneeChanged(None, _member(command.assignee_id, people)))
    if command.due_date is not None:
        decided.append(facts.DueDateChanged(None, command.due_date))
    return decided


def _change(state: TaskState, command: commands.TaskCommand, people: People) -> facts.Fact | None:
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
        case commands.CommentOnTask(text=text):
            return _comment(text, people)
        case commands.ArchiveTask():
            return None if state.archived else facts.TaskArchived()
        case commands.RestoreTask():
            return facts.TaskRestored() if state.archived else None
        case _:
            raise TypeError(f"no rule for {command!r}")


def _if_new(fact: Callable[[T, T], facts.Fact], before: T, after: T) -> facts.Fact | None:
    return None if before == after else fact(before, after)


def _describe(before: str, after: str, people: People) -> facts.TaskDescribed | None:
    """Mentions those whom the new text names and the old one did not: an edit does not call everybody again."""
    if before == after:
        return None
    known = _mentions(before, people)
    return facts.TaskDescribed(
        after, [user_id for user_id in _mentions(after, people) if user_id not in known]
    )


def _comment(text: str, people: People) -> facts.Commented:
    text = _text(text, "comment")
    if not text:
        raise Invalid("The comment is empty. Write something first.")
    return facts.Commented(text, _mentions(text, people))


def _title(title: str) -> str:
    title = " ".join(title.replace("\x00", "").split())
    if not title:
        raise Invalid("A task needs a title.")
    if len(title) > TITLE_LIMIT:
        raise Invalid(
            f"The title has {len(title)} characters; {TITLE_LIMIT} is the most. Put the rest in the description."
        )
    return title


def _text(text: str, what: str) -> str:
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(text) > TEXT_LIMIT:
        raise Invalid(f"The {what} has {len(text):,} characters; {TEXT_LIMIT:,} is the most.")
    return text


def _status(status: str) -> str:
    if status not in STATUS_LABELS:
        raise Invalid("That status does not exist. Choose open, in progress, done or cancelled.")
    return status


def _member(user_id: int, people: People) -> int:
    if user_id not in people.values():
        raise Invalid("Only a member of this organization can be given a task.")
    return user_id


def _mentions(text: str, people: People) -> list[int]:
    return [people[name.lower()] for name in mentioned_names(text) if name.lower() in people]
