"""The task as a subject of the log: what everything below the tasks needs to know of it."""

import uuid

from events.subjects import Subject, register
from tasks.archiving import archivable
from tasks.facts import TASK_FACTS
from tasks.frames import TaskEventFrame
from tasks.models import KEY, Task
from tasks.participants import REACTION, participants
from tasks.projection import refresh
from tasks.since_then import differences
from tasks.state import evolve
from tasks.statuses import LABELS


def stream_of(organization_id: int, number: int) -> uuid.UUID | None:
    found = Task.objects.filter(organization_id=organization_id, number=number)
    return found.values_list("pk", flat=True).first()


TASK = register(
    Subject(
        name="task",
        facts=TASK_FACTS,
        key=KEY,
        page="tasks/{number}/",
        event_page="tasks/{number}/?event={event}#event-{event}",
        stream_of=stream_of,
        past_page="tasks/{number}/?version={version}",
        evolve=evolve,
        participants=participants,
        reasons=(REACTION,),
        differences=differences,
        refresh=refresh,
        archivable=archivable,
        boot={"statuses": LABELS},
        frame=TaskEventFrame,
        stands_in=True,
    )
)
