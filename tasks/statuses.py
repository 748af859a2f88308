"""How far the work on a task is: the one place that names the statuses. Pure."""

from enum import StrEnum


class Status(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"


LABELS: dict[str, str] = {status.value: status.value.replace("_", " ").capitalize() for status in Status}
ACTIVE = (Status.OPEN, Status.IN_PROGRESS)


def status_label(code: str) -> str:
    """Say a status in words. What a log holds that this release does not know is shown as it stands there."""
    return LABELS.get(code, code)
