"""What somebody chose, as they are told it when they ask what is kept of them."""

from collections.abc import Iterator
from typing import Any

from orgs.models import User
from preferences.models import Preference, Schedule


def switches_of(user: User) -> Iterator[dict[str, Any]]:
    chosen = Preference.objects.filter(user_id=user.pk).order_by("pk")
    for row in chosen.values("organization__name", "channel", "kind", "value"):
        yield dict(row)


def hours_of(user: User) -> Iterator[dict[str, Any]]:
    for row in Schedule.objects.filter(user_id=user.pk).values(
        "zone", "begins", "ends", "days", "digest_at", "quiet"
    ):
        yield dict(row)
