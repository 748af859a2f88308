"""Verify one organization's chain for a limited time, from where the last time ended: for a button, not a command."""

import time
from dataclasses import dataclass

from events.findings import Finding
from events.models import GENESIS


@dataclass(frozen=True, slots=True)
class Verification:
    """`position` and `digest`: how far it came; the next call goes on from there. `complete`: up to the log's head."""

    position: int
    digest: str
    findings: list[Finding]
    complete: bool


def verify(
    org_id: int, after_position: int = 0, after_digest: str = GENESIS, *, seconds: float = 5.0
) -> Verification:
    """The events after `after_position`, and that the event there still has `after_digest`. Ends after `seconds`, a
    little later at most, and early when it has found MOST findings."""
    raise NotImplementedError(time.monotonic())
