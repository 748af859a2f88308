"""A visit to one webhook: what waits for it is sent in the log's order, one after the other, and its place moves
with each event that its receiver has taken. The place alone says what waits, so nothing is lost while a receiver
is away."""

import logging
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from django.conf import settings
from django.db import Error
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from base.connections import give_back
from base.figures import counter
from base.sealing import Unreadable
from base.transactions import write_transaction
from events.cursors import Cursor
from events.models import LogHead, TaskEvent
from outbound.to_strangers import Posting
from webhooks import asked, recording, services
from webhooks.claiming import LEASE, Lost, move, release
from webhooks.messages import Outgoing, of_events, of_reset
from webhooks.models import Webhook
from webhooks.retrying import pause_after, why_to_stop
from webhooks.trying import FAILED_HERE, Tried, try_once

logger = logging.getLogger(__name__)

LOT = 50  # events that are read at once
VISIT = 5.0  # seconds for one webhook before others have their turn

TRIES = counter(
    "webhook_tries",
    "Posts to webhooks, by what came of them: `taken`, `refused` (an answer that is no success) or `unreachable`.",
    ["outcome"],
)


class Place(NamedTuple):
    position: int
    digest: str


def visit(webhook: Webhook, owner: str, is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Send what waits for it, for a moment, and give the lease back."""
    try:
        with Posting(settings.WEBHOOK_NETWORKS) as posting:
            _send_for_a_moment(webhook, owner, posting, is_stopped)
    except Lost:
        logger.info("Webhook %s: somebody else goes on with it", webhook)
    except Unreadable:
        services.stop(webhook, "unreadable")
    except Error:
        raise
    except Exception:
        logger.exception("Webhook %s: what is next cannot be sent", webhook)
        _put_off(webhook, owner)
    finally:
        release(webhook, owner)


def _send_for_a_moment(
    webhook: Webhook, owner: str, posting: Posting, is_stopped: Callable[[], bool]
) -> None:
    ends = time.monotonic() + VISIT
    asked.send_all(webhook, owner, posting)
    while webhook.state == Webhook.State.ACTIVE and not webhook.is_waiting:
        if is_stopped() or time.monotonic() > ends or not _send_some(webhook, owner, posting, is_stopped):
            break


def _send_some(webhook: Webhook, owner: str, posting: Posting, is_stopped: Callable[[], bool]) -> bool:
    """Send a reset or the next events. False where nothing is left, or something failed."""
    _notice_another_history(webhook, owner)
    if webhook.reset_why:
        return _send(webhook, owner, posting, of_reset(webhook), Place(webhook.position, webhook.digest))
    events, end = _next(webhook)
    for event, outgoing in zip(events, of_events(webhook, events), strict=True):
        after = Place(event.position, event.digest)
        if is_stopped() or not _send(webhook, owner, posting, outgoing, after):
            return False
    if (webhook.position, webhook.digest) != end:  # beyond the last are events of other kinds
        _place(webhook, owner, position=end.position, digest=end.digest)
    return bool(events)


def _notice_another_history(webhook: Webhook, owner: str) -> None:
    """Where the log does not go through the webhook's place, go on at its head and have the receiver told."""
    log = TaskEvent.objects.filter(organization_id=webhook.organization_id, position=webhook.position)
    if not webhook.position or log.filter(digest=webhook.digest).exists():
        return
    head = LogHead.objects.get(pk=webhook.organization_id)
    was = Cursor(webhook.organization_id, webhook.position, webhook.digest[:8])
    logger.warning("Webhook %s: the log is not the one taken up to %s; it goes on at its head", webhook, was)
    _place(
        webhook,
        owner,
        position=head.position,
        digest=head.digest,
        reset_why="another_history",
        reset_from=str(was),
    )


def _next(webhook: Webhook) -> tuple[Sequence[TaskEvent], Place]:
    """Read the next events that it wants, and where it stands after them."""
    head = LogHead.objects.get(
        pk=webhook.organization_id
    )  # first: all up to it can be seen by what is read next
    log = TaskEvent.objects.filter(
        organization_id=webhook.organization_id, position__gt=webhook.position, position__lte=head.position
    )
    if webhook.kinds:
        log = log.filter(action__in=webhook.kinds)
    elif webhook.format != Webhook.Format.STANDARD:
        log = log.exclude(parts=0)  # people are told of a save as one
    events = list(log.readable().order_by("position")[:LOT])
    last = events[-1] if len(events) == LOT else head
    return events, Place(last.position, last.digest)


def _send(webhook: Webhook, owner: str, posting: Posting, outgoing: Outgoing, after: Place) -> bool:
    """Try it once and record what came of it. False where it failed, or nothing more is to be sent now."""
    give_back()
    tried = try_once(webhook, outgoing, posting)
    TRIES.labels(_outcome(tried)).inc()
    columns = _taken(after) if tried.is_taken else _failed(webhook, tried)
    _record_surely(webhook, owner, outgoing, tried, columns)
    if webhook.failing_since and (why := why_to_stop(tried.status, timezone.now() - webhook.failing_since)):
        services.stop(webhook, why)
    return tried.is_taken and webhook.state == Webhook.State.ACTIVE


def _record_surely(
    webhook: Webhook, owner: str, outgoing: Outgoing, tried: Tried, columns: dict[str, Any]
) -> None:
    """Record it, also where the database was away for a moment: it has been sent."""
    ends = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            with write_transaction():
                move(webhook, owner, **columns, **_said(tried))
                recording.note(webhook, outgoing, tried)
            return webhook.refresh_from_db(fields=_READ_AGAIN)
        except Webhook.DoesNotExist:
            raise Lost from None
        except Error:
            give_back()
            if time.monotonic() > ends:
                raise
            time.sleep(0.5)


_READ_AGAIN = (
    "state", "position", "digest", "sent_position", "reset_why", "reset_from", "failures", "failing_since", "due_at",
)  # fmt: skip


def _place(webhook: Webhook, owner: str, **columns: Any) -> None:
    with write_transaction():
        move(webhook, owner, **columns)
    for name, value in columns.items():
        setattr(webhook, name, value)


def _put_off(webhook: Webhook, owner: str) -> None:
    """Have what this server cannot do tried later, as if the receiver had failed: others have their turn meanwhile."""
    with suppress(Lost), write_transaction():
        move(webhook, owner, **_failed(webhook, FAILED_HERE), **_said(FAILED_HERE))


def _taken(after: Place) -> dict[str, Any]:
    return {
        "position": after.position,
        "digest": after.digest,
        "sent_position": after.position,
        "reset_why": "",
        "reset_from": "",
        "failures": 0,
        "failing_since": None,
        "due_at": None,
    }


def _failed(webhook: Webhook, tried: Tried) -> dict[str, Any]:
    pause = pause_after(webhook.failures + 1, tried.asked, random.random())  # noqa: S311 - spreads them
    return {
        "failures": F("failures") + 1,
        "failing_since": Coalesce(F("failing_since"), Now()),
        "due_at": Now() + recording.seconds(pause),
    }


def _said(tried: Tried) -> dict[str, Any]:
    return {
        "last_at": Now(),
        "last_status": tried.status,
        "last_error": tried.error[: recording.LONGEST_ERROR],
        "last_ms": tried.milliseconds,
    }


def _outcome(tried: Tried) -> str:
    return "taken" if tried.is_taken else "unreachable" if tried.status is None else "refused"
