"""What can happen to a task: one frozen class per action. Each says itself in a sentence, before and after."""

import datetime as dt
from collections.abc import Iterator

from events.facts import Details, Fact, FreeText, UserId, Version
from events.telling import Around, Change, Names, listed, person, text_or_erased, whole_day
from tasks.reactions import sign_of
from tasks.statuses import Status, status_label


def _unchanged(details: Details) -> Details:
    """Leave the details as they are: the text of version 1 stands in them; version 2 can be read so too."""
    return details


def _described_1(details: Details) -> Details:
    """Drop the old text, which version 1 repeated in `from`, whoever had written it."""
    renamed = {"to": "description"}
    return {renamed.get(key, key): value for key, value in details.items() if key != "from"}


class TaskCreated(Fact, frozen=True):
    action = "created"
    schema_version = 2
    upcasters = {1: _unchanged}
    text_field = "description"
    folds_text = True
    title: str
    description: FreeText = ""
    mentions: list[UserId] = []

    def predicate(self, around: Around) -> str:
        return f"created {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Title", None, self.title)
        yield Change("Description", None, text_or_erased(self.description))


class TaskImported(TaskCreated, frozen=True, omit_defaults=True):
    """Created from a row of a file, with all that the row says of it. Nobody is told of each: `TasksImported` tells of
    all together."""

    action = "imported"
    schema_version = 1
    upcasters = {}
    quiet = True
    to_all = False
    status: str = Status.OPEN.value
    assignee: UserId | None = None
    due_date: dt.date | None = None
    labels: list[str] = []

    def predicate(self, around: Around) -> str:
        return f"imported {around.about}"

    def people(self) -> set[int]:
        return set() if self.assignee is None else {self.assignee}

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield from super().changes(names, text_before)
        yield Change("Status", None, status_label(self.status))
        yield Change("Assignee", None, person(self.assignee, names))
        yield Change("Due date", None, whole_day(self.due_date))
        yield Change("Labels", None, ", ".join(self.labels) or None)


class TasksImported(Fact, frozen=True):
    """So many tasks came from one file; this is the last of them. It tells whoever got some of them, and whoever
    follows everything."""

    action = "tasks_imported"
    count: int
    assignees: list[UserId]

    def predicate(self, around: Around) -> str:
        if self.count == 1:
            return f"imported {around.about} from a file"
        return f"imported {self.count:,} tasks from a file, {around.about} as the last of them"

    def people(self) -> set[int]:
        return set(self.assignees)

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Tasks imported", None, f"{self.count:,}")


class ImportTakenBack(Fact, frozen=True):
    """Archived, with all others of the import that nobody had changed. Nobody is told."""

    action = "import_taken_back"
    quiet = True
    to_all = False

    def predicate(self, around: Around) -> str:
        return f"took back the import of {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Archived", "no", "yes")


class TaskRenamed(Fact, frozen=True):
    action = "renamed"
    before: str
    after: str

    def predicate(self, around: Around) -> str:
        return f"renamed {around.about} from “{self.before}” to “{self.after}”"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Title", self.before, self.after)


class TaskDescribed(Fact, frozen=True):
    """The description before it stands in the stream's earlier events."""

    action = "described"
    schema_version = 2
    upcasters = {1: _described_1}
    text_field = "description"
    folds_text = True
    description: FreeText
    mentions: list[UserId] = []

    def predicate(self, around: Around) -> str:
        if self.description == "":
            return f"removed the description from {around.about}"
        return f"edited {around.its('description')}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Description", text_or_erased(text_before), text_or_erased(self.description))


class StatusChanged(Fact, frozen=True):
    action = "status_changed"
    before: str
    after: str

    def predicate(self, around: Around) -> str:
        return f"moved {around.about} from {status_label(self.before)} to {status_label(self.after)}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Status", status_label(self.before), status_label(self.after))


class AssigneeChanged(Fact, frozen=True):
    """User ids; None for nobody."""

    action = "assignee_changed"
    before: UserId | None
    after: UserId | None

    def predicate(self, around: Around) -> str:
        if self.after is not None:
            is_own = self.after == around.actor_id
            return (
                f"took {around.about}" if is_own else f"assigned {around.about} to {around.name(self.after)}"
            )
        if self.before == around.actor_id:
            return f"unassigned {around.about}"
        return f"unassigned {around.about} from {around.name(self.before)}"

    def people(self) -> set[int]:
        return {user_id for user_id in (self.before, self.after) if user_id is not None}

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Assignee", person(self.before, names), person(self.after, names))


class DueDateChanged(Fact, frozen=True):
    action = "due_date_changed"
    before: dt.date | None
    after: dt.date | None

    def predicate(self, around: Around) -> str:
        if self.after is None:
            return f"removed the due date from {around.about}"
        if self.before is None:
            return f"set {around.its('due date')} to {around.day(self.after)}"
        return f"rescheduled {around.about} from {around.day(self.before)} to {around.day(self.after)}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Due date", whole_day(self.before), whole_day(self.after))


class LabelsChanged(Fact, frozen=True):
    """All labels before and after, each list in its order."""

    action = "labels_changed"
    before: list[str]
    after: list[str]

    def predicate(self, around: Around) -> str:
        added = listed(label for label in self.after if label not in self.before)
        removed = listed(label for label in self.before if label not in self.after)
        if added and removed:
            return f"added {added} to {around.about} and removed {removed}"
        return f"added {added} to {around.about}" if added else f"removed {removed} from {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Labels", ", ".join(self.before) or None, ", ".join(self.after) or None)


class Commented(Fact, frozen=True):
    action = "commented"
    schema_version = 2
    upcasters = {1: _unchanged}
    text_field = "text"
    text: FreeText
    mentions: list[UserId] = []

    def predicate(self, around: Around) -> str:
        return f"commented on {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Comment", None, text_or_erased(self.text))


class CommentEdited(Fact, frozen=True):
    """The comment of that version says this now. It tells only whom it newly mentions."""

    action = "comment_edited"
    text_field = "text"
    replaces = "comment"
    to_all = False
    comment: Version
    text: FreeText
    mentions: list[UserId] = []

    def predicate(self, around: Around) -> str:
        return f"edited a comment on {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Comment", text_or_erased(text_before), text_or_erased(self.text))


class CommentDeleted(Fact, frozen=True):
    action = "comment_deleted"
    replaces = "comment"
    quiet = True
    comment: Version

    def predicate(self, around: Around) -> str:
        return f"deleted a comment on {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Comment", text_or_erased(text_before), None)


class Reacted(Fact, frozen=True):
    """To the comment of that version, which `author` wrote: it tells only them, and each person's first alone."""

    action = "reacted"
    to_all = False
    comment: Version
    reaction: str
    author: UserId
    again: bool = False  # the actor had reacted to it before

    def predicate(self, around: Around) -> str:
        whose = "their own" if self.author == around.actor_id else f"{around.name(self.author)}’s"
        return f"reacted with {sign_of(self.reaction)} to {whose} comment on {around.about}"

    def people(self) -> set[int]:
        return {self.author}

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Reaction", None, sign_of(self.reaction))


class Unreacted(Fact, frozen=True):
    action = "unreacted"
    quiet = True
    comment: Version
    reaction: str

    def predicate(self, around: Around) -> str:
        return f"removed their {sign_of(self.reaction)} from a comment on {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Reaction", sign_of(self.reaction), None)


class TaskArchived(Fact, frozen=True):
    action = "archived"

    def predicate(self, around: Around) -> str:
        return f"archived {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Archived", "no", "yes")


class TaskRestored(Fact, frozen=True):
    action = "restored"

    def predicate(self, around: Around) -> str:
        return f"restored {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Archived", "yes", "no")


# What happens to a comment: it is shown on it, and no entry of its own in a timeline.
ON_COMMENTS = (CommentEdited.action, CommentDeleted.action, Reacted.action, Unreacted.action)

TASK_FACTS: tuple[type[Fact], ...] = (
    TaskCreated,
    TaskImported,
    TasksImported,
    ImportTakenBack,
    TaskRenamed,
    TaskDescribed,
    StatusChanged,
    AssigneeChanged,
    DueDateChanged,
    LabelsChanged,
    Commented,
    CommentEdited,
    CommentDeleted,
    Reacted,
    Unreacted,
    TaskArchived,
    TaskRestored,
)
