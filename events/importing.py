"""A log that was written elsewhere comes into the database: its events with their digests, before the log's head knows
of any of them. Who calls it has verified them, and says which numbers the organization and the people have here."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from base.statements import run
from events.digests import Hashed
from events.log import head_moved
from events.models import EventText, LogHead, TaskEvent


class Arriving(NamedTuple):
    """An event as it is to stand here, and what stood beside it: its digest, and nonce and body of its text."""

    event: Hashed
    digest: str
    text: tuple[str, str] | None


def take(head: LogHead, arriving: Iterable[Arriving]) -> list[int]:
    """Write some events, under the lock of the head, which stands at 0 until all are there (`end_at`). Returns their
    ids."""
    some = list(arriving)
    events = TaskEvent.objects.bulk_create(
        TaskEvent(**msgspec.structs.asdict(each.event), digest=each.digest) for each in some
    )
    EventText.objects.bulk_create(
        EventText(event=event, organization_id=head.organization_id, nonce=each.text[0], body=each.text[1])
        for event, each in zip(events, some, strict=True)
        if each.text
    )
    return [event.pk for event in events]


def end_at(head: LogHead, position: int, digest: str) -> None:
    """Let the log end there: nothing is put beside its events any more."""
    head.position, head.digest = position, digest
    run(head_moved(head))
