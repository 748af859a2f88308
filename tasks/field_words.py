"""The values of a task's fields as pages say them beside each other: yours and theirs."""

import datetime as dt
from typing import Any

from base.templatetags.times import day
from orgs.models import User
from tasks.statuses import status_label

LABELS = {
    "title": "Title",
    "description": "Description",
    "status": "Status",
    "assignee_id": "Assignee",
    "due_date": "Due date",
    "labels": "Labels",
}


def in_words(field: str, value: Any) -> str:
    """Say a value of a field of the state: `In progress`, `Carol`, `24 Nov`, `no date`."""
    match field, value:
        case "assignee_id", None:
            return "nobody"
        case "assignee_id", int(user_id):
            person = User.objects.filter(pk=user_id).first()
            return person.display_name if person else "somebody"
        case "due_date", dt.date():
            return day(value)
        case "due_date", None:
            return "no date"
        case "status", str(status):
            return status_label(status)
        case "labels", labels:
            return ", ".join(labels) or "no labels"
        case _:
            return value or "nothing"
