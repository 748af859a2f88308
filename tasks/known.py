"""What commands must know of the tasks that they are for, and of the people whom they speak of. All of it is asked in
one wait under the locks, with the rows for snapshots; only what these bring up is asked in a second one."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from base.markdown import called
from base.statements import Statement, places
from events import log
from inbox import services
from orgs.mentions import possible_names
from tasks import projection
from tasks.archiving import refuse_archived
from tasks.commands import (
    AssignTask,
    Command,
    CommentCommand,
    CommentOnTask,
    CreateTask,
    DescribeTask,
    EditComment,
    ImportTask,
)
from tasks.comments import Comment, comment_at
from tasks.decide import People
from tasks.stale import field_of
from tasks.state import TaskState, fold


class KnownTask:
    """A task, and what the commands to it ask of it. The answers are there once `questions` have run."""

    def __init__(self, organization_id: int, task_id: uuid.UUID, commands: Sequence[Command]) -> None:
        self.task_id, self.commands, self._place = task_id, commands, (organization_id, task_id)
        self._row = projection.question(organization_id, task_id)
        self._asked = services.question(task_id)
        numbers = {command.comment for command in commands if isinstance(command, CommentCommand)}
        self._comments = {number: log.asked_of_comment(*self._place, number) for number in numbers}
        self._since = [self._since_seen(command) for command in commands]
        self._texts: dict[int, Statement] = {}

    def questions(self) -> list[Statement]:
        of_comments = (statement for asked in self._comments.values() for statement in asked)
        return [self._row, self._asked, *of_comments, *filter(None, self._since)]

    @cached_property
    def snapshot(self) -> projection.Snapshot:
        return projection.snapshot_in(self._row.rows)

    @cached_property
    def state(self) -> TaskState | None:
        """The fold of the task's events: its row, where that stands at the stream's newest version. Else they are
        read, and the row is mended by what is written. Raises CannotFold."""
        if self.snapshot.is_current:
            return self.snapshot.row
        if not self.snapshot.version:
            refuse_archived(self.task_id)
        return fold(log.load_past(*self._place))

    @cached_property
    def asked(self) -> services.Asked:
        return services.asked_in(self._asked.rows)

    @cached_property
    def comments(self) -> Mapping[int, Comment | None]:
        """The comments that the commands name, by version."""
        return {
            number: comment_at(log.read_past(row for statement in asked for row in statement.rows), number)
            for number, asked in self._comments.items()
        }

    def changed_since(self, index: int) -> int | None:
        """Say at which version the field of this command was last changed, since its asker looked."""
        statement = self._since[index]
        return next((version for (version,) in statement.rows), None) if statement else None

    def more_questions(self) -> list[Statement]:
        """Ask for the texts that are to change."""
        for command in self.commands:
            if isinstance(command, EditComment) and (comment := self.comments[command.comment]):
                self._texts[command.comment] = log.asked_text(*self._place, comment.revision)
        return [*self._texts.values()]

    def text_of(self, comment: int) -> str | None:
        statement = self._texts.get(comment)
        return next((body for (body,) in statement.rows), None) if statement else None

    def _since_seen(self, command: Command) -> Statement | None:
        seen, field = getattr(command, "seen_version", None), field_of(command)
        return log.asked_since(*self._place, seen, field.fact.action) if seen is not None and field else None


class KnownPeople:
    """The members that commands may speak of, by the key of their user name. No query when they speak of nobody, nor
    when they do so in code or within a link only."""

    def __init__(self, organization_id: int, commands: Iterable[Command]) -> None:
        commands = [*commands]
        self._organization_id = organization_id
        assigning = (each for each in commands if isinstance(each, CreateTask | AssignTask))
        self._ids = {each.assignee_id for each in assigning if each.assignee_id is not None}
        self._ids |= {
            user_id for each in commands if isinstance(each, ImportTask) for user_id in each.assignee_ids
        }
        self._keys = set().union(*(possible_names(called(_text(command))) for command in commands))
        self._asked = self._ask(self._keys, self._ids)

    @property
    def questions(self) -> list[Statement]:
        return [*self._asked]

    def more_questions(self, tasks: Iterable[KnownTask]) -> list[Statement]:
        """Ask for whom a description named already that is to change: they are not called again."""
        if not self._keys:
            return []
        keys = set().union(
            *(
                possible_names(task.state.description)
                for task in tasks
                if task.state and any(isinstance(command, DescribeTask) for command in task.commands)
            )
        )
        more = self._ask(keys - self._keys, set())
        self._asked += more
        return more

    @property
    def people(self) -> People:
        return {key: user_id for statement in self._asked for key, user_id in statement.rows}

    def _ask(self, keys: set[str], ids: set[int]) -> list[Statement]:
        if not keys and not ids:
            return []
        sql = _PEOPLE.format(ids=places(ids), keys=places(keys))
        return [Statement(sql, [self._organization_id, *ids, *keys])]


_PEOPLE = """SELECT person.name_key, person.id FROM orgs_user person
JOIN orgs_membership member ON member.user_id = person.id AND member.organization_id = %s
WHERE person.is_active AND (person.id IN ({ids}) OR person.name_key IN ({keys}))"""


def _text(command: Command) -> str:
    """Give what the command writes freely."""
    match command:
        case ImportTask():
            return ""
        case CreateTask(description=text) | DescribeTask(description=text):
            return text
        case CommentOnTask(text=text) | EditComment(text=text):
            return text
    return ""
