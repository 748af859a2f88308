"""One batch of one log: its effect and the cursor, in one transaction. The only module that writes cursors."""

import logging
from collections.abc import Iterable, Iterator

from base.transactions import write_transaction
from events.archive.holds import Taken
from events.digests import GENESIS
from events.models import LogHead, TaskEvent
from followers.leases import Leases
from followers.models import Cursor
from followers.register import FOLLOWERS, Follower

logger = logging.getLogger(__name__)


def lock_cursor(name: str, organization_id: int) -> Cursor:
    """Lock a follower's cursor in a log until the commit: nothing of that log is taken meanwhile. It appears when it is
    first needed."""
    cursors = Cursor.objects.select_for_update().filter(follower=name, organization_id=organization_id)
    if cursor := cursors.first():
        return cursor
    Cursor.objects.bulk_create(
        [Cursor(follower=name, organization_id=organization_id)], ignore_conflicts=True
    )
    return cursors.get()


def cursors_in(organization_id: int) -> Iterator[Taken]:
    """Say how far each follower has taken the log."""
    taken = dict(Cursor.objects.filter(organization_id=organization_id).values_list("follower", "position"))
    for name in FOLLOWERS:
        yield Taken(name, taken.get(name, 0))


def lease_of(follower: Follower, organization_id: int) -> str:
    return f"{follower.name} {organization_id}"


def take_batch(follower: Follower, organization_id: int, leases: Leases, most: int = 0) -> int:
    """Take the next events, at most `most` or as many as the follower wants; returns how many, 0 at the log's end.

    Who writes to the log waits for none of it: only the cursor is locked. Raises Lost where the lease is somebody
    else's by now, and whatever `take` raises; then nothing has happened."""
    most = most or follower.batch
    with write_transaction():
        cursor = lock_cursor(follower.name, organization_id)
        log = TaskEvent.objects.filter(organization_id=organization_id)
        events = list(log.filter(position__gte=cursor.position).readable().order_by("position")[: most + 1])
        if cursor.position and (not events or not _is_at(cursor, events[0])):
            _begin_anew(follower, cursor)
            return 1
        events = [event for event in events if event.position > cursor.position][:most]
        if events:
            follower.take(organization_id, events)
            _move(cursor, events[-1].position, events[-1].digest)
        leases.confirm(lease_of(follower, organization_id))
    return len(events)


def begin_at_heads(name: str, heads: Iterable[LogHead]) -> None:
    """Set a follower's cursors to the heads, in its first migration, so that it takes only what happens from
    then on. Logs that come later it takes from their start."""
    Cursor.objects.bulk_create(
        Cursor(follower=name, organization_id=head.pk, position=head.position, digest=head.digest)
        for head in heads
    )


def rewind(follower: Follower, organization_id: int) -> None:
    """Forget what was made from the log, and take it from its start again."""
    with write_transaction():
        cursor = lock_cursor(follower.name, organization_id)
        follower.forget(organization_id)
        _move(cursor, 0, GENESIS)


def _is_at(cursor: Cursor, event: TaskEvent) -> bool:
    return (event.position, event.digest) == (cursor.position, cursor.digest)


def _begin_anew(follower: Follower, cursor: Cursor) -> None:
    """Forget the log and place the cursor anew: another history stands there, which does not go through
    it."""
    position, digest = 0, GENESIS
    if not follower.takes_anew:
        head = LogHead.objects.get(pk=cursor.organization_id)
        position, digest = head.position, head.digest
    logger.warning(
        "%s: the log of organization %d is not the one taken up to %d; it goes on at %d",
        *(follower.name, cursor.organization_id, cursor.position, position),
    )
    follower.forget(cursor.organization_id)
    _move(cursor, position, digest)


def _move(cursor: Cursor, position: int, digest: str) -> None:
    cursor.position, cursor.digest = position, digest
    cursor.save(update_fields=["position", "digest"])
