"""The receipts of a log's archive, as the log itself has them."""

from typing import NamedTuple

from events.archive.facts import LogArchived
from events.models import TaskEvent


class Receipt(NamedTuple):
    organization_id: int
    position: int
    fact: LogArchived


def receipts_of(organization_id: int) -> list[Receipt]:
    """List the receipts of a log that this release can read, in order."""
    found = TaskEvent.objects.filter(organization_id=organization_id, action=LogArchived.action)
    return [
        Receipt(organization_id, event.position, event.fact)
        for event in found.order_by("position")
        if isinstance(event.fact, LogArchived)
    ]


def file_names() -> list[str]:
    """Name all files of the archive, by the receipts in the logs."""
    events = TaskEvent.objects.filter(action=LogArchived.action).order_by("organization_id", "position")
    return [
        file_name(event.organization_id, event.fact.first, event.fact.upto)
        for event in events
        if isinstance(event.fact, LogArchived)
    ]


def file_name(organization_id: int, first: int, last: int) -> str:
    return f"log-{organization_id}-{first:012d}-{last:012d}.jsonl.gz"


def archived_upto(organization_id: int) -> int:
    """Say up to which position a log is in the archive; 0 for none of it."""
    return max((receipt.fact.upto for receipt in receipts_of(organization_id)), default=0)
