"""What somebody asks of one stream: to be told of all of it, or of nothing until it singles them out. The only module
that changes what is watched and muted. What becomes of a notification is `inbox.marks`'."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from django.db.models import UUIDField, Value

from base.announcements import org_group_name
from base.column_values import uuid_for_column
from base.compiled import Compiled, Parameter
from base.statements import Insertion, Row, Statement, run
from base.transactions import write_transaction
from events.log import lock_head
from events.models import LogHead
from inbox.choices import mute_recorded, watch_recorded
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


NOBODY = Asked([], [])  # of a stream that can be neither watched nor muted


def question(stream_id: uuid.UUID) -> Statement:
    """Ask for them: for `asked_in`."""
    return _ASKED.of(stream_id=stream_id)


def asked_in(rows: Sequence[Row]) -> Asked:
    return Asked(*([user_id for user_id, muted in rows if muted == kind] for kind in (0, 1)))


def asked_of(stream_id: uuid.UUID) -> Asked:
    return asked_in(_ASKED.rows(stream_id=stream_id))


def watch(user_id: int, organization_id: int, stream_id: uuid.UUID, *, watching: bool) -> None:
    """Let somebody be told of a whole stream, or no more; who watches it mutes it no more. The caller has checked that
    it is the organization's, and the user's to see. Under the head's lock, so that for each event it is known whether
    they watched."""
    with _locked(organization_id) as head:
        asked = asked_of(stream_id)
        unmuted = mutes_ended(head, stream_id, {user_id} & set(asked.muters)) if watching else []
        run(*unmuted, *_watch(head, user_id, stream_id, watching, user_id in asked.watchers))


def mute(user_id: int, organization_id: int, stream_id: uuid.UUID, *, muted: bool) -> None:
    """Let somebody be told of nothing in a stream until it mentions them or is assigned to them, or of it as before;
    who mutes it watches it no more. As `watch`, checked by the caller and under the lock."""
    with _locked(organization_id) as head:
        asked = asked_of(stream_id)
        unwatched = _watch(head, user_id, stream_id, False, user_id in asked.watchers) if muted else []
        run(*unwatched, *_mute(head, user_id, stream_id, muted, user_id in asked.muters))


def mutes_ended(head: LogHead, stream_id: uuid.UUID, user_ids: Iterable[int]) -> list[Statement]:
    """Make the statements that end the mutes of whom an event singled out, from the next event on. They have muted the
    stream; `head` is locked."""
    return [
        statement
        for user_id in user_ids
        for statement in _mute(head, user_id, stream_id, muted=False, was_muted=True)
    ]


@contextmanager
def _locked(organization_id: int) -> Iterator[LogHead]:
    with write_transaction(org_group_name(organization_id)):
        yield lock_head(organization_id)


def _watch(
    head: LogHead, user_id: int, stream_id: uuid.UUID, watching: bool, was_watching: bool
) -> list[Statement]:
    if watching == was_watching:
        return []
    row = Watch(user_id=user_id, stream_id=stream_id)
    changed = _WATCH.of(row) if watching else [_removed(row)]
    return [*changed, watch_recorded(head, user_id, stream_id, watching=watching)]


def _mute(head: LogHead, user_id: int, stream_id: uuid.UUID, muted: bool, was_muted: bool) -> list[Statement]:
    if muted == was_muted:
        return []
    row = Mute(user_id=user_id, stream_id=stream_id)
    changed = _MUTE.of(row) if muted else [_removed(row)]
    return [*changed, mute_recorded(head, user_id, stream_id, muted=muted)]


def _removed(row: Watch | Mute) -> Statement:
    table = row._meta.db_table
    return Statement(
        f"DELETE FROM {table} WHERE user_id = %s AND stream_id = %s",  # noqa: S608 - our own name
        [row.user_id, uuid_for_column(row.stream_id)],
    )


_WATCH, _MUTE = Insertion(Watch, without=["id"]), Insertion(Mute, without=["id"])
