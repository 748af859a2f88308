"""Secrets of webhooks as they are kept: sealed, and two at a time while one takes the place of another."""

import datetime as dt
import secrets
from contextlib import suppress

from django.db.models import Q
from django.utils import timezone

from base.sealing import Unreadable, seal, unseal
from webhooks.models import Secret, Webhook
from webhooks.signing import LENGTH, SigningKey

OVERLAP = dt.timedelta(hours=24)


def make(webhook: Webhook, now: dt.datetime) -> SigningKey:
    """Make another secret; the one before it signs too for a day, and any older one no more."""
    Secret.objects.filter(webhook=webhook, ends_at__isnull=False).delete()
    Secret.objects.filter(webhook=webhook).update(ends_at=now + OVERLAP)
    both = secrets.token_bytes(2 * LENGTH)
    Secret.objects.create(webhook=webhook, sealed=seal(both), created_at=now)
    return SigningKey.of(both)


def end_former(webhook: Webhook) -> bool:
    """End those that another took the place of. False where there is none."""
    return bool(Secret.objects.filter(webhook=webhook, ends_at__isnull=False).delete()[0])


def keys_of(webhook: Webhook) -> list[SigningKey]:
    """Give those that sign now, the newest first; a former one only where it can be read still. Raises
    base.sealing.Unreadable."""
    newest, *former = valid(webhook, timezone.now())
    keys = [SigningKey.of(unseal(newest.sealed))]
    for each in former:
        with suppress(Unreadable):
            keys.append(SigningKey.of(unseal(each.sealed)))
    return keys


def valid(webhook: Webhook, now: dt.datetime) -> list[Secret]:
    found = Secret.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), webhook=webhook)
    return list(found.order_by("-created_at", "-pk"))


def public_keys(webhook: Webhook) -> list[str]:
    """Write those that check ed25519 signatures; none where they cannot be read any more."""
    try:
        return [key.public for key in keys_of(webhook)]
    except Unreadable:
        return []
