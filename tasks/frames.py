"""The frame of a task's event. Pure."""

from inbox.frames import EventFrame, Uuid


class TaskEventFrame(EventFrame, kw_only=True, tag="task_event", rename={"stream_id": "task_id"}):
    """An event of a task."""

    stream_id: Uuid
