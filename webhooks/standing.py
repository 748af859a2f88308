"""How far webhooks are behind their logs: for pages, programs, operators and the archive, which waits for them."""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from events.archive.holds import Taken
from events.models import TaskEvent
from webhooks.claiming import with_heads
from webhooks.models import Webhook

State = Webhook.State


class Standing(NamedTuple):
    """`behind`: positions of the log that it has not dealt with, of whatever kind; `since`: when the first of them
    happened."""

    webhook: Webhook
    behind: int
    since: dt.datetime | None

    @property
    def is_failing(self) -> bool:
        return self.webhook.state == State.ACTIVE and self.webhook.failures > 0

    @property
    def word(self) -> str:
        return "failing" if self.is_failing else self.webhook.state


def standings(webhooks: QuerySet[Webhook]) -> list[Standing]:
    """Say it of each, by its number. One query."""
    found = _measured(webhooks).select_related("organization", "created_by").order_by("number")
    return [Standing(each, each.behind, each.since) for each in found]  # type: ignore[attr-defined]


def standing_of(webhook: Webhook) -> Standing:
    (standing,) = standings(Webhook.objects.filter(pk=webhook.pk))
    return standing


def cursors_in(organization_id: int) -> Iterator[Taken]:
    """Say how far each has come in the log: nothing of what waits leaves for the archive."""
    for number, name, position in Webhook.objects.filter(organization_id=organization_id).values_list(
        "number", "name", "position"
    ):
        yield Taken(f"webhook {number}, {name}", position)


class Totals(NamedTuple):
    """Of the whole installation. `behind` and `oldest` are of active ones, which are to be up to date."""

    by_state: dict[str, int]
    behind: int
    oldest: dt.datetime | None

    @property
    def stopped(self) -> int:
        return self.by_state["stopped"]

    def words(self, now: dt.datetime) -> str:
        """Say them: `webhooks: 4 active, 1 failing, 1 stopped; 312 events behind, the oldest for 40 s`."""
        counted = ", ".join(f"{count:,} {state}" for state, count in self.by_state.items() if count) or "none"
        since = f", the oldest for {(now - self.oldest).total_seconds():,.0f} s" if self.oldest else ""
        return f"webhooks: {counted}; up to {self.behind:,} events behind{since}"


def totals() -> Totals:
    """Count them. Two queries."""
    is_active, is_failing = Q(state=State.ACTIVE), Q(failures__gt=0)
    by_state = Webhook.objects.aggregate(
        active=Count("pk", is_active & ~is_failing),
        failing=Count("pk", is_active & is_failing),
        paused=Count("pk", Q(state=State.PAUSED)),
        stopped=Count("pk", Q(state=State.STOPPED)),
    )
    found = _measured(Webhook.objects.filter(is_active)).aggregate(most=Max("behind"), oldest=Min("since"))
    return Totals(by_state, max(0, found["most"] or 0), found["oldest"])


def _measured(webhooks: QuerySet[Webhook]) -> QuerySet[Webhook]:
    following = TaskEvent.objects.filter(
        organization_id=OuterRef("organization_id"), position=OuterRef("position") + 1
    )
    return with_heads(webhooks).annotate(
        behind=F("head") - F("position"), since=Subquery(following.values("created_at"))
    )
