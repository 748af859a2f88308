"""The one way in to webhooks: a command becomes a fact of the organization's log and rows, or an error and nothing
at all. Rights are read under the log's lock. Locks: the log's head, the organization, the webhook."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet
from django.utils import timezone

from base.announcements import org_group_name
from base.errors import Conflict, Forbidden, NotFound
from base.sealing import seal
from base.transactions import write_transaction
from events.cursors import Cursor
from events.facts import Fact
from events.log import Entry, newest_version
from events.models import LogHead, TaskEvent
from inbox.commands import Locked, Place, change, lock, lock_log, write
from inbox.services import NOBODY
from orgs.account_services import operations_account
from orgs.models import Membership, User
from webhooks import facts, secrets_kept
from webhooks.addresses import origin_of
from webhooks.models import Webhook
from webhooks.signing import SigningKey
from webhooks.subject import WEBHOOK, WebhookState
from webhooks.wishes import Wish, checked_wish

MOST = 20  # of one organization

State = Webhook.State
_FIRST_TRY: dict[str, Any] = {"failures": 0, "failing_since": None, "due_at": None}


class Made(NamedTuple):
    webhook: Webhook
    key: SigningKey  # shown once


def make(membership: Membership, wish: Wish, *, from_start: bool = False) -> Made:
    """Make one that begins with what happens from now on, or with the log's first event. Raises Forbidden,
    Unprocessable, and Conflict where there are enough."""
    require_manager(membership.role)
    wish = checked_wish(wish)
    with _managing(membership) as locked:
        if Webhook.objects.filter(organization=locked.organization).count() >= MOST:
            raise Conflict(f"An organization has at most {MOST} webhooks. Remove one that nobody needs.")
        made = TaskEvent.objects.filter(organization=locked.organization, action=facts.WebhookMade.action)
        number = (made.aggregate(Max("task_number"))["task_number__max"] or 0) + 1
        webhook = Webhook(
            organization=locked.organization, number=number, stream_id=uuid.uuid4(), created_by=locked.actor
        )
        _apply(webhook, wish)
        begins_after = 0 if from_start else locked.head.position + 1
        _tell(locked, webhook, facts.WebhookMade(_settings(webhook), begins_after), version=0)
        if not from_start:
            webhook.position, webhook.digest = locked.head.position, locked.head.digest
            webhook.sent_position = webhook.position
        webhook.save()
        return Made(webhook, secrets_kept.make(webhook, timezone.now()))


def edit(membership: Membership, number: int, wish: Wish) -> Webhook:
    """Change what it is; what waits for it goes where it leads now. Raises Forbidden, NotFound and
    Unprocessable."""
    with _changing(membership, number) as (locked, webhook):
        wish = checked_wish(wish, has_token=bool(webhook.token))
        before, was = _settings(webhook), (webhook.address, webhook.token)
        _apply(webhook, wish)
        after = _settings(webhook)
        names = [
            name for name in ("name", "format", "kinds") if getattr(before, name) != getattr(after, name)
        ]
        names += [
            name
            for name, old, new in zip(
                ("address", "token"), was, (webhook.address, webhook.token), strict=True
            )
            if old != new
        ]
        if names:
            _tell(locked, webhook, facts.WebhookChanged(before, after, names))
            webhook.due_at = None  # it may be what failed
            webhook.save(update_fields=["name", "format", "kinds", "address", "token", "due_at"])
    return webhook


def pause(membership: Membership, number: int) -> Webhook:
    with _changing(membership, number) as (locked, webhook):
        if webhook.state == State.ACTIVE:
            _tell(locked, webhook, facts.WebhookPaused())
            _set(webhook, state=State.PAUSED)
    return webhook


def resume(membership: Membership, number: int, *, skip: bool = False) -> Webhook:
    """Go on from where it stopped; with `skip`, at the log's end, and the receiver is told so. Of one that is active:
    try at once what waits."""
    with _changing(membership, number) as (locked, webhook):
        skipped = locked.head.position - webhook.position if skip else 0
        columns = _FIRST_TRY | {"state": State.ACTIVE, "stopped_why": ""}
        if skipped:
            columns |= _at_end(webhook, locked.head)
        if skipped or webhook.state != State.ACTIVE:
            _tell(locked, webhook, facts.WebhookResumed(skipped))
        _set(webhook, **columns)
    return webhook


def remove(membership: Membership, number: int) -> None:
    """Remove it with its secrets and its record. What waits for it is not sent any more."""
    with _changing(membership, number) as (locked, webhook):
        _tell(locked, webhook, facts.WebhookRemoved())
        webhook.delete()


def rotate(membership: Membership, number: int) -> Made:
    """Make another secret, which is shown once; the former one signs too for a day."""
    with _changing(membership, number) as (locked, webhook):
        _tell(locked, webhook, facts.WebhookSecretMade())
        key = secrets_kept.make(webhook, timezone.now())
        if webhook.stopped_why == "unreadable":
            secrets_kept.end_former(webhook)
    return Made(webhook, key)


def end_former_secret(membership: Membership, number: int) -> Webhook:
    with _changing(membership, number) as (locked, webhook):
        if secrets_kept.end_former(webhook):
            _tell(locked, webhook, facts.WebhookSecretEnded())
    return webhook


def stop(webhook: Webhook, why: str) -> None:
    """Stop what has failed for long enough, and have owners and admins told; unless somebody has done something
    about it meanwhile."""
    with write_transaction(org_group_name(webhook.organization_id)):
        locked = lock_log(webhook.organization_id, _by_itself(webhook))
        found = (
            Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk, state=State.ACTIVE).first()
        )
        if found is None or _tried(found) != _tried(webhook):
            return
        managers = Membership.objects.filter(
            organization=webhook.organization_id, role__in=Membership.MANAGERS
        )
        told = sorted(managers.filter(user__is_active=True).values_list("user_id", flat=True))
        found.organization = locked.organization
        _tell(locked, found, facts.WebhookStopped(why, told))
        _set(found, state=State.STOPPED, stopped_why=why)
    webhook.state = State.STOPPED


def of_organization(membership: Membership) -> QuerySet[Webhook]:
    """Find them for who manages the organization. Raises Forbidden."""
    require_manager(membership.role)
    return Webhook.objects.filter(organization=membership.organization_id)


def numbered(membership: Membership, number: int) -> Webhook:
    """Find one for who manages the organization. Raises Forbidden and NotFound."""
    require_manager(membership.role)
    found = Webhook.objects.filter(organization=membership.organization_id, number=number)
    if (webhook := found.select_related("organization", "created_by").first()) is None:
        raise NotFound
    return webhook


def require_manager(role: str) -> None:
    if role not in Membership.MANAGERS:
        raise Forbidden("Only owners and admins can see and change webhooks.")


@contextmanager
def _managing(membership: Membership) -> Iterator[Locked]:
    with write_transaction(org_group_name(membership.organization_id)):
        locked = lock(membership.organization_id, membership.user)
        require_manager(locked.role)
        yield locked


@contextmanager
def _changing(membership: Membership, number: int) -> Iterator[tuple[Locked, Webhook]]:
    with _managing(membership) as locked:
        found = Webhook.objects.select_for_update(no_key=True).filter(organization=locked.organization)
        webhook = found.filter(number=number).first()
        if webhook is None:
            raise NotFound
        webhook.organization = locked.organization
        yield locked, webhook


def _apply(webhook: Webhook, wish: Wish) -> None:
    webhook.name, webhook.address, webhook.format = wish.name, wish.address, wish.format
    webhook.kinds = list(wish.kinds)
    if wish.token:
        webhook.token = seal(wish.token.encode())
    elif wish.format != Webhook.Format.MATRIX:
        webhook.token = ""


def _settings(webhook: Webhook) -> facts.WebhookSettings:
    return facts.WebhookSettings(
        webhook.name, origin_of(webhook.address), webhook.format, tuple(webhook.kinds)
    )


def _tell(locked: Locked, webhook: Webhook, fact: Fact, version: int | None = None) -> None:
    if version is None:
        version = newest_version(webhook.organization_id, webhook.stream_id)
    before = WebhookState(version) if version else None
    place = Place(webhook.stream_id, webhook.number, version)
    entries = [Entry(fact, webhook.name)]
    write(locked, [change(locked, WEBHOOK, place, before, entries, NOBODY, now=timezone.now())])


def _tried(webhook: Webhook) -> tuple[object, ...]:
    return webhook.failing_since, webhook.address, webhook.token


def _by_itself(webhook: Webhook) -> User:
    """Find who acts where nobody does: whoever runs the server, or who made it where a person has that name."""
    return operations_account() or webhook.created_by


def _set(webhook: Webhook, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(webhook, name, value)
    webhook.save(update_fields=list(columns))


def _at_end(webhook: Webhook, head: LogHead) -> dict[str, Any]:
    was = webhook.reset_from or str(Cursor(webhook.organization_id, webhook.position, webhook.digest[:8]))
    why = webhook.reset_why or "skipped"  # what it was not told of yet weighs more
    return {"position": head.position, "digest": head.digest, "reset_why": why, "reset_from": was}
