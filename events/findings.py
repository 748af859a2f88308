"""What an audit reports, and the register of its checks: a layer above adds its own without being imported
from here."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import QuerySet
from tqdm import tqdm

from events.models import TaskEvent


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `org_id` and `position` are None where it belongs to none."""

    org_id: int | None
    position: int | None
    code: str  # for programs; docs/history.md lists them
    message: str  # for people: what differs


Events = QuerySet[TaskEvent]


@dataclass(frozen=True, slots=True)
class Scope:
    """What is audited: everything, one organization, or one stream of it."""

    org_id: int | None = None
    stream_id: uuid.UUID | None = None

    def events(self) -> Events:
        events = TaskEvent.objects.all()
        if self.org_id is not None:
            events = events.filter(organization_id=self.org_id)
        return events.filter(stream_id=self.stream_id) if self.stream_id else events


# Makes a progress bar: `bars(desc=..., unit=..., total=...)`.
Bars = Callable[..., "tqdm[None]"]
Check = Callable[[Scope, Bars], Iterator[Finding]]
AnyCheck = TypeVar("AnyCheck", bound=Check)

CHECKS: list[Check] = []

# Says something of what was audited that is no finding, or nothing.
Remark = Callable[[Scope], str]
REMARKS: list[Remark] = []


def register(check: AnyCheck) -> AnyCheck:
    """Register a check, as a decorator. Checks run in the order of their registration, apps' in the order of
    INSTALLED_APPS. A check holds one chunk in memory at a time, reports while others write, and reports only
    what no write in progress explains."""
    CHECKS.append(check)
    return check


def register_remark(remark: Remark) -> Remark:
    REMARKS.append(remark)
    return remark
