"""Turns a step of a script into the product's own command, so that demo data is made like any other."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from demo.script import Step, Story
from demo.timing import working_day
from inbox.services import watch
from orgs.models import User
from tasks.commands import (
    ArchiveTask,
    AssignTask,
    ChangeStatus,
    Command,
    CommentOnTask,
    CreateTask,
    DescribeTask,
    RenameTask,
    RestoreTask,
    SetDueDate,
)
from tasks.services import execute


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
    else:
        execute(COMMANDS[scene.step.verb](scene), actor=scene.actor, now=scene.at)


def _opens(scene: Scene) -> Command:
    return CreateTask(
        organization_id=scene.organization_id,
        title=scene.story.title,
        description=scene.story.description,
        task_id=scene.task_id,
    )


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
    "starts": _moves("in_progress"),
    "finishes": _moves("done"),
    "reopens": _moves("open"),
    "cancels": _moves("cancelled"),
    "says": lambda scene: CommentOnTask(task_id=scene.task_id, text=scene.step.words),
    "renames": lambda scene: RenameTask(task_id=scene.task_id, title=scene.step.words),
    "describes": lambda scene: DescribeTask(task_id=scene.task_id, description=scene.step.words),
    "archives": lambda scene: ArchiveTask(task_id=scene.task_id),
    "restores": lambda scene: RestoreTask(task_id=scene.task_id),
}
