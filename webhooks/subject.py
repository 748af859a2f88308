"""A webhook as a subject of the log: each has a stream of its own."""

from collections.abc import Iterable

from msgspec import Struct

from events.facts import Fact
from events.subjects import OwnReason, Recorded, Subject, register
from webhooks.facts import WEBHOOK_FACTS, WebhookMade, WebhookStopped

# Of what stops by itself even somebody learns who muted the organization.
STOPPED = OwnReason(
    "webhook",
    "a webhook stopped",
    "looks after webhooks",
    direct=True,
    kind="memberships",
    of_reader="you look after the webhooks here",
)


class WebhookState(Struct, frozen=True):
    """Who is told of a webhook's events stands in them, so nothing of the state is asked."""

    version: int


def evolve(state: WebhookState | None, event: Recorded) -> WebhookState:
    """Raises ValueError for events that are no webhook's story."""
    if state is None and not isinstance(event.fact, WebhookMade):
        raise ValueError(f"a webhook starts with 'webhook_made', not with '{event.fact.action}'")
    return WebhookState(event.version)


def participants(
    fact: Fact, before: WebhookState | None, after: WebhookState, watchers: Iterable[int]
) -> dict[int, str]:
    return dict.fromkeys(fact.told, STOPPED.code) if isinstance(fact, WebhookStopped) else {}


WEBHOOK = register(
    Subject(
        name="webhook",
        facts=WEBHOOK_FACTS,
        key="{org}-W{number}",
        page="webhooks/{number}/",
        can_be_watched=False,
        evolve=evolve,
        participants=participants,
        reasons=(STOPPED,),
    )
)
