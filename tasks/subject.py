"""The task as a subject of the log: what everything below the tasks needs to know of it."""

from events.subjects import Subject, register
from tasks.facts import TASK_FACTS
from tasks.frames import TaskEventFrame
from tasks.models import KEY
from tasks.participants import participants
from tasks.projection import refresh
from tasks.since_then import differences
from tasks.state import evolve
from tasks.statuses import LABELS

TASK = register(
    Subject(
        name="task",
        facts=TASK_FACTS,
        key=KEY,
        page="tasks/{number}/",
        past_page="tasks/{number}/?version={version}",
        evolve=evolve,
        participants=participants,
        differences=differences,
        refresh=refresh,
        boot={"statuses": LABELS},
        frame=TaskEventFrame,
        stands_in=True,
    )
)
