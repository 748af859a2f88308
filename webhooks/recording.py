"""The record of what was tried, for the page that shows it: each message with its last try."""

import datetime as dt

from django.db.models import F
from django.db.models.functions import Now

from webhooks.messages import Outgoing
from webhooks.models import Webhook, WebhookDelivery
from webhooks.trying import Tried

LONGEST_ERROR = 300
KEPT = dt.timedelta(days=30)
MOST = 500  # of one webhook
LOT = 500

Kind, State = WebhookDelivery.Kind, WebhookDelivery.State


def note(webhook: Webhook, outgoing: Outgoing, tried: Tried) -> None:
    """Note a try of what the log has, in the transaction that moves the webhook's place."""
    kind, frame = (Kind.EVENT if outgoing.frame else Kind.RESET), outgoing.frame
    known = WebhookDelivery.objects.filter(webhook=webhook, message_id=outgoing.message_id, kind=kind)
    if known.update(**_said(tried), tries=F("tries") + 1, last_at=Now()):
        return
    WebhookDelivery.objects.create(
        webhook=webhook,
        message_id=outgoing.message_id,
        kind=kind,
        action=frame.action if frame else "",
        position=frame.position if frame else webhook.position,
        event_id=frame.event_id if frame else None,
        tries=1,
        first_at=Now(),
        last_at=Now(),
        **_said(tried),
    )


def note_asked(delivery: WebhookDelivery, tried: Tried) -> None:
    """Note the one try of what a person asked for."""
    asked = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.WAITING)
    asked.update(**_said(tried), tries=1, last_at=Now())


def clear(now: dt.datetime) -> dt.datetime | None:
    """Delete some that are old, or beyond as many as are kept. Returns `now` where there may be more."""
    old = list(WebhookDelivery.objects.filter(first_at__lt=now - KEPT).values_list("pk", flat=True)[:LOT])
    for pk in Webhook.objects.values_list("pk", flat=True):
        old += (
            WebhookDelivery.objects.filter(webhook=pk)
            .order_by("-pk")
            .values_list("pk", flat=True)[MOST:][:LOT]
        )
    gone = WebhookDelivery.objects.filter(pk__in=old).delete()[0] if old else 0
    return now if gone >= LOT else None


def seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)


def _said(tried: Tried) -> dict[str, object]:
    return {
        "state": State.DELIVERED if tried.is_taken else State.FAILED,
        "status": tried.status,
        "error": tried.error[:LONGEST_ERROR],
        "answer": tried.answer,
        "duration_ms": tried.milliseconds,
    }
