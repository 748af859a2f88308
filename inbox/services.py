"""What somebody asks of one stream: to be told of all of it, or of nothing until it singles them out. The only module
that changes what is watched and muted. What becomes of a notification is `inbox.marks`'."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.db.models import UUIDField, Value

from base.announcements import org_group_name
from base.compiled import Compiled, Parameter
from base.transactions import write_transaction
from events.log import lock_head
from events.models import LogHead
from inbox.choices import record_mute, record_watch
from inbox.models import Mute, Watch

# user id, and 1 for who muted the stream
_ASKED = Compiled(
    lambda: (
        Watch.objects.filter(stream_id=Parameter("stream_id", UUIDField()))
        .values_list("user_id", Value(0))
        .union(
            Mute.objects.filter(stream_id=Parameter("stream_id", UUIDField())).values_list(
                "user_id", Value(1)
            ),
            all=True,
        )
    )
)


class Asked(NamedTuple):
    """User ids of who asked to be told of all of a stream, and of who asked to be told of nothing."""

    watchers: list[int]
    muters: list[int]


def asked_of(stream_id: uuid.UUID) -> Asked:
    rows = _ASKED.rows(stream_id=stream_id)
    return Asked(*([user_id for user_id, muted in rows if muted == kind] for kind in (0, 1)))


def watch(user_id: int, organization_id: int, stream_id: uuid.UUID, *, watching: bool) -> None:
    """Let somebody be told of a whole stream, or no more; who watches it mutes it no more. The caller has checked that
    it is the organization's, and the user's to see. Under the head's lock, so that for each event it is known whether
    they watched."""
    with _locked(organization_id) as head:
        if watching:
            _mute(head, user_id, stream_id, muted=False)
        _watch(head, user_id, stream_id, watching=watching)


def mute(user_id: int, organization_id: int, stream_id: uuid.UUID, *, muted: bool) -> None:
    """Let somebody be told of nothing in a stream until it mentions them or is assigned to them, or of it as before;
    who mutes it watches it no more. As `watch`, checked by the caller and under the lock."""
    with _locked(organization_id) as head:
        if muted:
            _watch(head, user_id, stream_id, watching=False)
        _mute(head, user_id, stream_id, muted=muted)


def end_mutes(head: LogHead, stream_id: uuid.UUID, user_ids: Iterable[int]) -> None:
    """End the mutes of whom an event singled out, from the next event on. `head` is locked."""
    for user_id in user_ids:
        _mute(head, user_id, stream_id, muted=False)


@contextmanager
def _locked(organization_id: int) -> Iterator[LogHead]:
    with write_transaction(org_group_name(organization_id)):
        yield lock_head(organization_id)


def _watch(head: LogHead, user_id: int, stream_id: uuid.UUID, *, watching: bool) -> None:
    watches = Watch.objects.filter(user_id=user_id, stream_id=stream_id)
    if watches.exists() == watching:
        return
    if watching:
        Watch.objects.create(user_id=user_id, stream_id=stream_id)
    else:
        watches.delete()
    record_watch(head, user_id, stream_id, watching=watching)


def _mute(head: LogHead, user_id: int, stream_id: uuid.UUID, *, muted: bool) -> None:
    mutes = Mute.objects.filter(user_id=user_id, stream_id=stream_id)
    if mutes.exists() == muted:
        return
    if muted:
        Mute.objects.create(user_id=user_id, stream_id=stream_id)
    else:
        mutes.delete()
    record_mute(head, user_id, stream_id, muted=muted)
