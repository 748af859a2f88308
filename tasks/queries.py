"""Looks up one task, as its pages show it."""

from base.errors import NotFound
from orgs.models import Membership
from tasks.models import Task


def task_of(membership: Membership, number: int) -> Task:
    """Load a task of this organization by its number. Raises NotFound."""
    tasks = Task.objects.select_related("organization", "assignee", "creator")
    task = tasks.filter(organization_id=membership.organization_id, number=number).first()
    if task is None:
        raise NotFound
    return task
