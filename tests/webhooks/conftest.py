"""An organization whose owner made a webhook, and a receiver that takes what comes."""

from collections.abc import Iterator

import pytest

from servers.receiver import Receiver
from tests.tasks.acme import Team
from webhooks import services
from webhooks.claiming import claim
from webhooks.delivering import visit
from webhooks.models import Webhook
from webhooks.wishes import Wish


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.OUTBOUND_LOOPBACK = True
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def made(acme: Team, receiver: Receiver) -> services.Made:
    return services.make(acme.membership(acme.alice), Wish("Archive", receiver.address))


@pytest.fixture
def hook(made: services.Made) -> Webhook:
    return made.webhook


def work(*, quick_only: bool = False) -> None:
    """All that is due, as one thread would do it."""
    while webhook := claim("a thread", quick_only=quick_only):
        visit(webhook, "a thread")


def again(webhook: Webhook) -> None:
    """Its pause is over."""
    Webhook.objects.filter(pk=webhook.pk).update(due_at=None)
    work()
