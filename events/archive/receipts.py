"""The receipts of a log's archive, as the log itself has them."""

from typing import NamedTuple

from django.db.models import QuerySet

from events.archive.facts import LogArchived
from events.import_facts import LogImported
from events.models import TaskEvent


class Receipt(NamedTuple):
    organization_id: int
    position: int
    fact: LogArchived


def receipts_of(organization_id: int) -> list[Receipt]:
    """List the receipts of a log that hold, of those that this release can read, in order."""
    return holding(TaskEvent.objects.filter(organization_id=organization_id))


def holding(events: "QuerySet[TaskEvent]") -> list[Receipt]:
    """Find the receipts among events. A log that was brought here came whole: what its receipts say left, in the
    installation that it came from, is in this database."""
    holding: dict[int, list[Receipt]] = {}
    found = events.filter(action__in=(LogArchived.action, LogImported.action))
    for event in found.order_by("organization_id", "position"):
        if isinstance(event.fact, LogImported):
            holding[event.organization_id] = []
        elif isinstance(event.fact, LogArchived):
            receipt = Receipt(event.organization_id, event.position, event.fact)
            holding.setdefault(event.organization_id, []).append(receipt)
    return [receipt for receipts in holding.values() for receipt in receipts]


def file_names() -> list[str]:
    """Name all files of the archive, by the receipts in the logs."""
    return [
        file_name(receipt.organization_id, receipt.fact.first, receipt.fact.upto)
        for receipt in holding(TaskEvent.objects.all())
    ]


def file_name(organization_id: int, first: int, last: int) -> str:
    return f"log-{organization_id}-{first:012d}-{last:012d}.jsonl.gz"


def archived_upto(organization_id: int) -> int:
    """Say up to which position a log is in the archive; 0 for none of it."""
    return max((receipt.fact.upto for receipt in receipts_of(organization_id)), default=0)
