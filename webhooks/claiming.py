"""Which webhook a process works on: one process at a time for each, by a lease of the database's clock. Whoever
dies loses it within seconds, and what was under way then may be sent twice, under the same name."""

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from base.transactions import write_transaction
from events.models import LogHead
from webhooks.models import SLOW, Webhook, WebhookDelivery

LEASE = dt.timedelta(seconds=30)  # renewed with each try, which takes far less
CANDIDATES = 8

State = Webhook.State


class Lost(Exception):
    """The lease is another's by now, or a person has put the webhook elsewhere: nothing is recorded."""


def claim(owner: str, *, quick_only: bool) -> Webhook | None:
    """Take the webhook that has something to send and has waited for longest; None where there is none.
    `quick_only`: none that fails or is slow."""
    found = with_work()
    if quick_only:
        found = found.filter(failures=0, last_ms__lte=SLOW)
    for pk in found.order_by(F("last_at").asc(nulls_first=True)).values_list("pk", flat=True)[:CANDIDATES]:
        with write_transaction():
            if _free(Webhook.objects.filter(pk=pk)).update(leased_by=owner, leased_until=Now() + LEASE):
                return Webhook.objects.select_related("organization").get(pk=pk)
    return None


def with_work() -> QuerySet[Webhook]:
    """Find those that have something to send now and that nobody works on."""
    is_behind = Q(reset_why__gt="") | ~Q(position=F("head")) | ~Q(digest=F("head_digest"))
    is_due = Q(due_at__isnull=True) | Q(due_at__lte=Now())
    asked = WebhookDelivery.objects.filter(webhook=OuterRef("pk"), state=WebhookDelivery.State.WAITING)
    return _free(with_heads(Webhook.objects.all())).filter(
        Exists(asked) | Q(state=State.ACTIVE) & is_due & is_behind
    )


def with_heads(webhooks: QuerySet[Webhook]) -> QuerySet[Webhook]:
    """Give them with where their logs end."""
    heads = LogHead.objects.filter(pk=OuterRef("organization_id"))
    return webhooks.annotate(
        head=Subquery(heads.values("position")), head_digest=Subquery(heads.values("digest"))
    )


def release(webhook: Webhook, owner: str) -> None:
    with write_transaction():
        Webhook.objects.filter(pk=webhook.pk, leased_by=owner).update(leased_by="", leased_until=None)


def move(webhook: Webhook, owner: str, **columns: Any) -> None:
    """Record something of it and renew the lease. Raises Lost where it is not where it was read to be, or ours."""
    ours = Webhook.objects.filter(
        pk=webhook.pk,
        leased_by=owner,
        position=webhook.position,
        digest=webhook.digest,
        reset_why=webhook.reset_why,
        reset_from=webhook.reset_from,
    )
    if not ours.update(**columns, leased_until=Now() + LEASE):
        raise Lost


def _free(webhooks: QuerySet[Webhook]) -> QuerySet[Webhook]:
    return webhooks.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=Now()))
