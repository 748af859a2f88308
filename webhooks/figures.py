"""Figures of webhooks for operators."""

from base.figures import asked, gauge
from webhooks.standing import totals

WEBHOOKS = gauge("webhooks", "Webhooks by state; `failing`: active, and tried again.", ["state"], shared=True)
BEHIND = gauge(
    "webhook_behind_events", "Events that the active webhook furthest behind has not delivered.", shared=True
)
OLDEST = gauge(
    "webhook_oldest_timestamp_seconds",
    "When the oldest event happened that an active webhook has not delivered; 0 where none waits.",
    shared=True,
)


@asked
def measure() -> None:
    found = totals()
    for state, count in found.by_state.items():
        WEBHOOKS.labels(state).set(count)
    BEHIND.set(found.behind)
    OLDEST.set(found.oldest.timestamp() if found.oldest else 0)
