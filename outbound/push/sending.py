"""One push to one browser's push service, and what its answer means (RFC 8030)."""

import logging
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.utils import timezone

from base.transactions import write_transaction
from outbound.channels import Later, Refused
from outbound.numbers import NotSentTo
from outbound.push.encryption import encrypted
from outbound.push.models import PushSubscription
from outbound.push.own_key import own_authorization
from outbound.push.services_heard import heard_of
from outbound.to_strangers import Answer, Unreachable, post

logger = logging.getLogger(__name__)

# Seconds that a push service keeps it for a browser that is away. Later it would tell of what was read long ago.
KEPT = 4 * 3600
GONE = (404, 410)
LONGEST_WAIT = 24 * 3600.0
REST = 60.0  # seconds

_away: dict[str, float] = {}  # host -> until when it is not asked


class Gone(Exception):
    """The browser takes pushes no more, and was forgotten."""


Result = None | Later | Refused | Gone


def push(subscription: PushSubscription, content: bytes, topic: str, delivery_id: int) -> Result:
    """Send it, and note what became of it; None where the push service took it."""
    headers = {
        "Authorization": own_authorization(subscription.endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT),
        "Topic": topic,
        "Urgency": "normal",
    }
    service = urlsplit(subscription.endpoint).hostname or ""
    if _away.get(service, 0.0) > time.monotonic():
        return Later(f"{service} did not answer a moment ago.")
    try:
        body = encrypted(content, subscription.p256dh, subscription.auth)
        answer = post(subscription.endpoint, body, headers)
        heard_of(service, answer)
        result = meaning(answer, service)
    except Unreachable as unreachable:
        heard_of(service, unreachable)
        _note_away(service)
        return Later(str(unreachable))
    except NotSentTo as refused:
        result = Refused(f"{service}: {refused}")
    _note(subscription, result, delivery_id)
    return result


def meaning(answer: Answer, service: str) -> Result:
    """Say what an answer means; its own words are a stranger's and are told to nobody."""
    if 200 <= answer.status < 300:
        return None
    if answer.status in GONE:
        return Gone()
    if answer.status == 429 or answer.status >= 500:
        return Later(
            f"{service} answered {answer.status}.", retry_after(answer.headers.get("Retry-After", ""))
        )
    return Refused(f"{service} answered {answer.status}.")


def retry_after(text: str) -> float | None:
    """Read the seconds to wait, which stand there as such or as a date; None for nothing that can be read."""
    try:
        if text.strip().isascii() and text.strip().isdigit():
            seconds = float(text)
        else:
            seconds = (parsedate_to_datetime(text) - timezone.now()).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 1.0), LONGEST_WAIT)


def _note_away(service: str) -> None:
    """Ask it nothing for a while: a host that hangs must not keep others' pushes waiting."""
    now = time.monotonic()
    for each in [each for each, until in _away.items() if until < now]:
        _away.pop(each, None)
    _away[service] = now + REST


def _note(subscription: PushSubscription, result: Result, delivery_id: int) -> None:
    subscriptions = PushSubscription.objects.filter(pk=subscription.pk)
    with write_transaction():
        if isinstance(result, Gone):
            subscriptions.delete()
        elif result is None:
            subscriptions.update(got=delivery_id)
    if isinstance(result, Refused):
        logger.warning("A push was refused: %s", result)
