"""Turns a step of a script into the product's own command, so that demo data is made like any other."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from demo.script import Step, Story
from demo.timing import working_day
from events.models import TaskEvent
from inbox.services import mute, watch
from orgs.models import User
from tasks.commands import (
    ArchiveTask,
    AssignTask,
    ChangeStatus,
    Command,
    CommentOnTask,
    CreateTask,
    DescribeTask,
    EditComment,
    React,
    RenameTask,
    RestoreTask,
    SetDueDate,
    SetLabels,
)
from tasks.labels import labels_in
from tasks.reactions import REACTIONS
from tasks.services import execute_together

NAMES = {reaction.sign: name for name, reaction in REACTIONS.items()}


@dataclass(frozen=True, slots=True)
class Scene:
    """One step about to be taken: `at` is its moment, `today` the day that due dates are counted from."""

    story: Story
    step: Step
    at: dt.datetime
    today: dt.date
    organization_id: int
    people: Mapping[str, User]

    @property
    def task_id(self) -> uuid.UUID:
        """The same in every run."""
        return uuid.uuid5(uuid.NAMESPACE_OID, f"carillon demo {self.story.key}")

    @property
    def actor(self) -> User:
        return self.people[self.step.actor]


def perform(scene: Scene) -> None:
    """Take the step."""
    if scene.step.verb == "watches":
        watch(scene.actor.pk, scene.organization_id, scene.task_id, watching=True)
    elif scene.step.verb == "mutes":
        mute(scene.actor.pk, scene.organization_id, scene.task_id, muted=True)
    else:
        execute_together(list(_commands(scene)), actor=scene.actor, now=scene.at)


def _commands(scene: Scene) -> Iterator[Command]:
    """Give the step's command, or those of a form that was saved once: `edits starts; assigns carol; due 2`."""
    if scene.step.verb != "edits":
        yield COMMANDS[scene.step.verb](scene)
        return
    for part in scene.step.words.split("; "):
        verb, _, words = part.partition(" ")
        yield COMMANDS[verb](replace(scene, step=replace(scene.step, verb=verb, words=words)))


def _opens(scene: Scene) -> Command:
    return CreateTask(
        organization_id=scene.organization_id,
        title=scene.story.title,
        description=scene.story.description,
        labels=labels_in(scene.step.words),
        task_id=scene.task_id,
    )


def _corrects(scene: Scene) -> Command:
    comment = _last_comment(scene, scene.step.actor)
    return EditComment(task_id=scene.task_id, comment=comment, text=scene.step.words)


def _reacts(scene: Scene) -> Command:
    """React to somebody's last comment: `reacts carol 👍`."""
    author, sign = scene.step.words.split()
    comment = _last_comment(scene, author)
    return React(task_id=scene.task_id, comment=comment, reaction=NAMES[sign], on=True)


def _last_comment(scene: Scene, author: str) -> int:
    comments = TaskEvent.objects.filter(stream_id=scene.task_id, action="commented")
    versions = (
        comments.filter(actor=scene.people[author]).order_by("version").values_list("version", flat=True)
    )
    return int(versions.last() or 0)


def _assigns(scene: Scene) -> Command:
    nobody = scene.step.words == "nobody"
    assignee_id = None if nobody else scene.people[scene.step.words].pk
    return AssignTask(task_id=scene.task_id, assignee_id=assignee_id)


def _takes(scene: Scene) -> Command:
    return AssignTask(task_id=scene.task_id, assignee_id=scene.actor.pk)


def _due(scene: Scene) -> Command:
    never = scene.step.words == "never"
    day = None if never else working_day(scene.today, int(scene.step.words))
    return SetDueDate(task_id=scene.task_id, due_date=day)


def _moves(status: str) -> Callable[[Scene], Command]:
    return lambda scene: ChangeStatus(task_id=scene.task_id, status=status)


COMMANDS: Mapping[str, Callable[[Scene], Command]] = {
    "opens": _opens,
    "assigns": _assigns,
    "takes": _takes,
    "due": _due,
    "labels": lambda scene: SetLabels(task_id=scene.task_id, labels=labels_in(scene.step.words)),
    "starts": _moves("in_progress"),
    "finishes": _moves("done"),
    "reopens": _moves("open"),
    "cancels": _moves("cancelled"),
    "says": lambda scene: CommentOnTask(task_id=scene.task_id, text=scene.step.words),
    "corrects": _corrects,
    "reacts": _reacts,
    "renames": lambda scene: RenameTask(task_id=scene.task_id, title=scene.step.words),
    "describes": lambda scene: DescribeTask(task_id=scene.task_id, description=scene.step.words),
    "archives": lambda scene: ArchiveTask(task_id=scene.task_id),
    "restores": lambda scene: RestoreTask(task_id=scene.task_id),
}
