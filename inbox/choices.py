"""What members chose to be told, and since when: the only module that writes and reads these rows.

A choice is written in the transaction that makes it, under the log's head: so for each event it is known which held.
"""

import uuid
from collections.abc import Iterable

from django.utils import timezone

from base.statements import Insertion, Placed, Statement
from events.append_only import protect
from events.models import LogHead
from inbox.models import Choice, Mute, Watch
from orgs.models import Membership

Kind = Choice.Kind

REFUSED = (
    "What somebody chose to be told is kept as it was: it says why they were told of an event or not. A new choice is "
    "another row."
)
YES = "1"


def protect_choices() -> None:
    """Let the database refuse to change them."""
    protect(Choice._meta.db_table, ("organization_id", "user_id", "number"), REFUSED)


def level_recorded(head: LogHead, user_id: int, before: str, after: str) -> Statement:
    """Make the statement that records a member's level from here on: `before` is empty for who joins, `after` for who
    leaves. `head` is locked."""
    return _recorded(head, user_id, Kind.LEVEL, before, after)


def watch_recorded(head: LogHead, user_id: int, stream_id: uuid.UUID, *, watching: bool) -> Statement:
    """Make the one that records whether they watch, from here on. `head` is locked."""
    return _recorded(head, user_id, Kind.WATCH, *_from_and_to(watching), stream_id)


def mute_recorded(head: LogHead, user_id: int, stream_id: uuid.UUID, *, muted: bool) -> Statement:
    """Make the one that records whether they are told nothing of it, from here on. `head` is locked."""
    return _recorded(head, user_id, Kind.MUTE, *_from_and_to(muted), stream_id)


def level_at(organization_id: int, user_id: int, position: int) -> str:
    """Find what a member had chosen when the event at this position came. Without any record it is today's; empty for
    who was no member, and where nobody knows."""
    here = {"organization": organization_id, "user": user_id}
    today = Membership.objects.filter(**here).values_list("level", flat=True).first()
    return _at(Choice.objects.filter(kind=Kind.LEVEL, **here), position, today or "")


def was_watching(organization_id: int, user_id: int, stream_id: uuid.UUID, position: int) -> bool:
    """Say whether they watched when the event at this position came. Without any record, whether they do today."""
    return _held(Kind.WATCH, Watch, organization_id, user_id, stream_id, position)


def was_muted(organization_id: int, user_id: int, stream_id: uuid.UUID, position: int) -> bool:
    """Say whether they had muted it when the event at this position came."""
    return _held(Kind.MUTE, Mute, organization_id, user_id, stream_id, position)


def mutes_in(organization_id: int | None, first: uuid.UUID, last: uuid.UUID) -> list[Choice]:
    """List who muted the streams between these ids, and who no more, in one organization or in all: in order."""
    scope = {} if organization_id is None else {"organization": organization_id}
    mutes = Choice.objects.filter(kind=Kind.MUTE, stream_id__gte=first, stream_id__lte=last, **scope)
    return list(mutes.order_by("user", "number"))


def _from_and_to(now: bool) -> tuple[str, str]:
    return ("", YES) if now else (YES, "")


def _held(
    kind: str,
    rows: type[Watch] | type[Mute],
    organization_id: int,
    user_id: int,
    stream_id: uuid.UUID,
    position: int,
) -> bool:
    choices = Choice.objects.filter(
        organization=organization_id, user=user_id, kind=kind, stream_id=stream_id
    )
    today = rows.objects.filter(user=user_id, stream_id=stream_id).exists()
    return _at(choices, position, YES if today else "") == YES


def _recorded(
    head: LogHead, user_id: int, kind: str, before: str, after: str, stream_id: uuid.UUID | None = None
) -> Statement:
    (statement,) = _INSERT.of(
        Choice(
            organization_id=head.organization_id,
            user_id=user_id,
            stream_id=stream_id,
            kind=kind,
            before=before,
            after=after,
            position=head.position,
            created_at=timezone.now(),
        )
    )
    return statement


_NEXT = (
    """(SELECT COALESCE(MAX(number), 0) + 1 FROM inbox_choice WHERE organization_id = %s AND user_id = %s)"""
)
_INSERT = Insertion(
    Choice, placed={"number": Placed(_NEXT, lambda choice: (choice.organization_id, choice.user_id))}
)


def _at(choices: Iterable[Choice], position: int, today: str) -> str:
    """Find the newest before that position; from before the first of them, what it took the place of; without any,
    today's."""
    held: str | None = None
    for choice in choices:
        if choice.position >= position:
            return choice.before if held is None else held
        held = choice.after
    return today if held is None else held
