"""Labels as the database is asked for them: which are in use, and which tasks have one."""

from typing import Any

from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

MOST = 200  # labels of an organization that are offered

# Each label of each task, by how the database takes a list apart.
_EACH = {
    "postgresql": "jsonb_array_elements_text(tasks_task.labels) AS label(value)",
    "sqlite": "json_each(tasks_task.labels) AS label",
}


def labels_in_use(organization_id: int) -> list[str]:
    """List the labels that tasks of this organization have, in order."""
    statement = (
        f"SELECT DISTINCT label.value FROM tasks_task, {_EACH[connection.vendor]}"  # noqa: S608
        " WHERE organization_id = %s ORDER BY 1 LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [organization_id, MOST])
        return [label for (label,) in cursor.fetchall()]


def label_asked(text: str) -> str:
    """Write what somebody asks for as tasks have it."""
    return text.strip().lower().replace("\x00", "")


def has_label(label: Any) -> Q:
    """Make the condition that a task has this label, a `label_asked` or a Parameter for one."""
    condition = f"EXISTS (SELECT 1 FROM {_EACH[connection.vendor]} WHERE label.value = %s)"  # noqa: S608
    return Q(RawSQL(condition, [label], output_field=BooleanField()))  # noqa: S611 - a parameter
