"""What a person asked for beside what waits: a test, or one event again. Each is tried once, whatever the
webhook's state, and its place does not move."""

import logging
import uuid

from django.db import Error
from django.utils import timezone
from msgspec import UNSET

from base.connections import give_back
from base.errors import Conflict, TooMany
from base.sealing import Unreadable
from base.transactions import write_transaction
from events.models import TaskEvent
from orgs.models import User
from outbound.to_strangers import Posting
from webhooks import recording
from webhooks.claiming import move
from webhooks.messages import Outgoing, event_message_id, of_events, of_test
from webhooks.models import Webhook, WebhookDelivery
from webhooks.trying import FAILED_HERE, Tried, try_once

logger = logging.getLogger(__name__)

MOST_WAITING = 5  # of one webhook

Kind, State = WebhookDelivery.Kind, WebhookDelivery.State


def ask_test(webhook: Webhook, by: User) -> WebhookDelivery:
    return _ask(webhook, by, kind=Kind.TEST, message_id=f"test_{uuid.uuid4().hex}")


def ask_replay(delivery: WebhookDelivery, by: User) -> WebhookDelivery:
    """Have its event sent once more, under the same name. Raises Conflict for what is no event, and TooMany."""
    if delivery.event_id is None:
        raise Conflict("Only an event can be sent again.")
    return _ask(
        delivery.webhook,
        by,
        kind=Kind.REPLAY,
        message_id=delivery.message_id,
        action=delivery.action,
        position=delivery.position,
        event_id=delivery.event_id,
    )


def send_all(webhook: Webhook, owner: str, posting: Posting) -> None:
    """Send what waits of these, and note of each what came of it, so that none waits for ever. Raises
    claiming.Lost."""
    waiting = WebhookDelivery.objects.filter(webhook=webhook, state=State.WAITING)
    for delivery in waiting.select_related("asked_by").order_by("pk"):
        tried = _tried(webhook, delivery, posting)
        with write_transaction():
            move(webhook, owner)
            recording.note_asked(delivery, tried)


def _ask(webhook: Webhook, by: User, **fields: object) -> WebhookDelivery:
    with write_transaction():
        Webhook.objects.select_for_update().get(pk=webhook.pk)
        if webhook.deliveries.filter(state=State.WAITING).count() >= MOST_WAITING:
            raise TooMany("Some are under way already. Wait a moment, until they have been sent.")
        return WebhookDelivery.objects.create(
            webhook=webhook, asked_by=by, state=State.WAITING, first_at=timezone.now(), **fields
        )


def _tried(webhook: Webhook, delivery: WebhookDelivery, posting: Posting) -> Tried:
    try:
        outgoing = _outgoing(webhook, delivery)
        give_back()
        return try_once(webhook, outgoing, posting) if outgoing else _NOT_THERE
    except Unreadable:
        return _UNREADABLE
    except Error:  # the database is away: it waits
        raise
    except Exception:
        logger.exception("Webhook %s: what was asked for cannot be sent", webhook)
        return FAILED_HERE


def _outgoing(webhook: Webhook, delivery: WebhookDelivery) -> Outgoing | None:
    if delivery.kind == Kind.TEST:
        by = delivery.asked_by.display_name if delivery.asked_by else "somebody"
        return of_test(webhook, delivery.message_id, by)
    log = TaskEvent.objects.filter(organization_id=webhook.organization_id, position=delivery.position or 0)
    event = log.readable().first()
    if event is None or event_message_id(webhook, event) != delivery.message_id:
        return None
    (outgoing,) = of_events(webhook, [event])
    outgoing.message.previous = UNSET  # it stands for itself
    return outgoing


_NOT_THERE = Tried(None, "This event is not in the log any more.", "", 0)
_UNREADABLE = Tried(None, "The secret or the token cannot be read any more. Make another one.", "", 0)
