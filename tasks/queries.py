"""Looks up one task, as its pages show it."""

from django.db.models import BigIntegerField

from base.compiled import Parameter
from base.compiled_lists import CompiledModels
from base.errors import NotFound
from orgs.models import Membership
from tasks.models import Task

BIGGEST = 2**31 - 1  # no number is beyond it

_TASK = CompiledModels(
    lambda: Task.objects.select_related("organization", "assignee", "creator").filter(
        organization_id=Parameter("organization_id", BigIntegerField()),
        number=Parameter("number", BigIntegerField()),
    )
)


def task_of(membership: Membership, number: int) -> Task:
    """Load a task of this organization by its number. Raises NotFound."""
    if number > BIGGEST:
        raise NotFound
    found: list[Task] = _TASK.models(organization_id=membership.organization_id, number=number)
    if not found:
        raise NotFound
    return found[0]
