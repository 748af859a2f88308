"""What the commands' `--org SLUG` and `--task KEY` mean."""

import re
import uuid

from django.core.management.base import CommandError

from events.findings import Scope
from events.models import ArchivedStream, TaskEvent
from events.subjects import key_in, standing_in
from orgs.access import organization_called
from orgs.models import Organization


def scope_of(org: str | None = None, key: str | None = None) -> Scope:
    """Find what the options name. Raises CommandError where there is no such thing."""
    if key is None:
        return Scope(_organization(org).pk) if org else Scope()
    if org and re.fullmatch(r"\d{1,9}", key, re.ASCII):
        subject, slug, number = standing_in(), org, int(key)
    elif found := key_in(key):
        subject, slug, number = found
    else:
        raise CommandError(f"'{key}' is no key. Write it as ACME-12, or as 12 with --org acme.")
    organization = _organization(org or slug)
    if not organization.is_called(slug):
        raise CommandError(f"{key} is no {subject.name} of '{organization.slug}'.")
    first = TaskEvent.objects.filter(organization=organization, task_number=number, version=1)
    stream_id = (
        first.exclude(action__in=subject.foreign_actions()).values_list("stream_id", flat=True).first()
    )
    if (
        stream_id is None
        and subject.stream_of
        and _has_left(organization.pk, subject.stream_of(organization.pk, number))
    ):
        raise CommandError(f"{key} is in the archive: audit the organization with --archive DIR.")
    if stream_id is None:
        raise CommandError(f"The log of '{organization.slug}' has no {subject.name} {number}.")
    return Scope(organization.pk, stream_id)


def _has_left(organization_id: int, stream_id: uuid.UUID | None) -> bool:
    if stream_id is None:
        return False
    return ArchivedStream.objects.filter(organization_id=organization_id, stream_id=stream_id).exists()


def _organization(slug: str) -> Organization:
    organization = organization_called(slug)
    if organization is None:
        raise CommandError(f"There is no organization with the short name '{slug}'.")
    return organization
