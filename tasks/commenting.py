"""Commenting once, however often the same form is sent: a double click, or another try after a lost answer."""

import datetime as dt
import uuid
from typing import NamedTuple

from django.db import IntegrityError, connection
from django.utils import timezone

from base.column_values import uuid_for_column
from base.statements import Insertion, Placed, Statement
from events.models import TaskEvent
from orgs.models import User
from tasks.commands import CommentOnTask
from tasks.models import Attempt, Task
from tasks.services import execute

KEPT = dt.timedelta(days=2)

# The event was appended by the same message just before, under the lock of the log.
_EVENT = Placed(
    "(SELECT id FROM events_taskevent WHERE stream_id = %s AND organization_id = %s ORDER BY version DESC LIMIT 1)",
    lambda made: (uuid_for_column(made.stream_id), made.organization_id),
)
_INSERTION = Insertion(Attempt, placed={"event_id": _EVENT})
_FORGOTTEN = "DELETE FROM tasks_attempt WHERE user_id = %s AND made_at < %s"
_REPLACED = "DELETE FROM tasks_attempt WHERE user_id = %s AND attempt = %s"


class _Made(NamedTuple):
    user_id: int
    attempt: uuid.UUID
    made_at: dt.datetime
    stream_id: uuid.UUID
    organization_id: int


def comment(task: Task, text: str, *, actor: User, attempt: uuid.UUID | None = None) -> TaskEvent:
    """Comment on the task, and give the event of it; the same event for the same attempt. Raises as `execute` does.

    Of two tries at once the key refuses the second, with its comment: it finds what the first made."""
    command = CommentOnTask(task_id=task.pk, text=text)
    if attempt is None:
        return execute(command, actor=actor)[0]
    made = _made_by(attempt, actor)
    if made and made.event.body == text:
        return made.event
    try:
        return execute(command, actor=actor, along=_kept(task, attempt, actor, replaces=made))[0]
    except IntegrityError:
        made = _made_by(attempt, actor)
        if made is None or made.event.body != text:
            raise
        return made.event


def _made_by(attempt: uuid.UUID, actor: User) -> Attempt | None:
    return Attempt.objects.filter(user=actor, attempt=attempt).select_related("event__text").first()


def _kept(task: Task, attempt: uuid.UUID, actor: User, replaces: Attempt | None) -> list[Statement]:
    """Keep the attempt with its event, and forget the old ones. Other words under the same id are another comment."""
    now = timezone.now()
    made = _Made(actor.pk, attempt, now, task.pk, task.organization_id)
    replaced = [Statement(_REPLACED, [actor.pk, uuid_for_column(attempt)])] if replaces else []
    return [
        Statement(_FORGOTTEN, [actor.pk, connection.ops.adapt_datetimefield_value(now - KEPT)]),
        *replaced,
        *_INSERTION.of(made),
    ]
