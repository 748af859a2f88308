"""Commenting once, however often the same form is sent: a double click, or another try after a lost answer."""

import datetime as dt
import uuid

from django.db.models import Q
from django.utils import timezone

from base.announcements import org_group_name
from base.transactions import write_transaction
from events.models import TaskEvent
from inbox.commands import lock
from orgs.models import User
from tasks.commands import CommentOnTask
from tasks.models import Attempt, Task
from tasks.services import execute

KEPT = dt.timedelta(days=2)


def comment(task: Task, text: str, *, actor: User, attempt: uuid.UUID | None = None) -> TaskEvent:
    """Comment on the task, and give the event of it; the same event for the same attempt. Raises as `execute` does.

    The lock of the log puts two tries in order, so the second finds what the first made; the key refuses what is left,
    one attempt sent to tasks of two organizations at once."""
    with write_transaction(org_group_name(task.organization_id)):
        lock(task.organization_id, actor)
        attempts = Attempt.objects.filter(user=actor)
        made = attempts.filter(attempt=attempt).select_related("event__text").first() if attempt else None
        if made and made.event.body == text:  # other words under the same id are another comment
            return made.event
        (event,) = execute(CommentOnTask(task_id=task.pk, text=text), actor=actor)
        if attempt:
            now = timezone.now()
            attempts.filter(Q(attempt=attempt) | Q(made_at__lt=now - KEPT)).delete()
            Attempt.objects.create(user=actor, attempt=attempt, event=event, made_at=now)
    return event
