"""What the commands' `--org SLUG` and `--task KEY` mean."""

import re

from django.core.management.base import CommandError

from events.findings import Scope
from events.models import TaskEvent
from orgs.access import organization_called
from orgs.models import Organization

_KEY = re.compile(r"(?:(?P<org>[a-z0-9_-]+)-)?(?P<number>\d{1,9})", re.ASCII | re.IGNORECASE)


def scope_of(org: str | None = None, task: str | None = None) -> Scope:
    """Raises CommandError where there is no such thing."""
    if task is None:
        return Scope(_organization(org).pk) if org else Scope()
    key = _KEY.fullmatch(task)
    slug = org or (key and key["org"])
    if key is None or not slug:
        raise CommandError(f"'{task}' is no task's key. Write it as ACME-12, or as 12 with --org acme.")
    organization = _organization(slug)
    if key["org"] and not organization.is_called(key["org"]):
        raise CommandError(f"{task} is no task of '{organization.slug}'.")
    events = TaskEvent.objects.filter(organization=organization, task_number=int(key["number"]), version=1)
    stream_id = events.values_list("stream_id", flat=True).first()
    if stream_id is None:
        raise CommandError(f"The log of '{organization.slug}' has no task {key['number']}.")
    return Scope(organization.pk, stream_id)


def _organization(slug: str) -> Organization:
    organization = organization_called(slug)
    if organization is None:
        raise CommandError(f"There is no organization with the short name '{slug}'.")
    return organization
