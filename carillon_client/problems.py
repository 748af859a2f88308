"""What the server refuses, and what of that may be asked again."""

from collections.abc import Mapping
from typing import Any

AGAIN = (408, 429, 500, 502, 503, 504)  # statuses after which the same may be answered a moment later
UNDER_WAY = "under_way"  # so may what was sent before under the same Idempotency-Key and is not done yet


class Problem(Exception):
    """A refusal. `code` is for programs; the text says to a person what to do. `again` is after how many seconds the
    same may be asked; None where that is of no use."""

    def __init__(self, status: int, told: Mapping[str, Any], retry_after: str | None = None) -> None:
        self.status = status
        self.code = str(told.get("code") or f"http_{status}")
        self.errors = list(told.get("errors") or [])
        self.request_id = str(told.get("request_id") or "")
        self.again = _seconds(retry_after) if status in AGAIN or self.code == UNDER_WAY else None
        super().__init__(_sentence(told) or _stranger(status))


class Unreachable(Exception):
    """Nobody answered."""


def _stranger(status: int) -> str:
    return (
        f"The server answered {status}, and not as Carillon does. The address of an installation is what stands "
        "before /api/v1/."
    )


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdigit() else 0.0


def _sentence(told: Mapping[str, Any]) -> str:
    """Join what is wrong in all and in each field, where the whole does not say that too."""
    whole = str(told.get("detail") or "")
    fields = [
        f"{error.get('at')}: {error.get('detail')}"
        for error in told.get("errors") or []
        if isinstance(error, dict) and str(error.get("detail")) not in whole
    ]
    return " ".join([whole, *fields]).strip()
