"""What a client gets of the log and of its inbox, in types: the same on the socket and in the HTTP twins. Pure:
`event_frames` makes a frame of an event.

docs/frames.schema.json is made from these, and so are the scripts' types (`schema/`).
"""

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from inbox.states import State

encode = msgspec.json.Encoder().encode

Moment = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
Uuid = Annotated[str, msgspec.Meta(extra_json_schema={"format": "uuid"})]
ByOrg = dict[str, int]  # organization id -> number

UNREAD = State.UNREAD.word

# --- Events of the log ------------------------------------------------------------------------------------------------


class SaveTold(msgspec.Struct):
    """What the last event of a save of several tells with it: all of them, in order, and the whole in one sentence."""

    events: list[int]  # their ids
    sentence: str


class EventFrame(msgspec.Struct, kw_only=True, tag_field="type", tag="event"):
    """An event as all its readers share it. Ids and public words only: no address, no e-mail, no markup."""

    org_id: int
    stream_id: Uuid
    action: str
    actor_id: int
    details: dict[str, Any]
    created_at: Moment
    position: int
    version: int
    cursor: str
    event_id: int
    key: str
    number: int
    subject: str
    actor: str
    sentence: str
    names: dict[str, str]
    page: str  # below the organization's own address
    about: str | UnsetType = UNSET  # the kind of subject, where the frame's type does not say it
    save: SaveTold | UnsetType = UNSET


class Mark(msgspec.Struct):
    """What an event means to one user. `id` is the event's."""

    id: int
    reason: str
    unread: bool
    state: str


class ForReader(msgspec.Struct):
    """What closes an event's frame: it differs by reader."""

    notification: Mark | None
    replayed: bool


def mark(event_id: int, reason: str | None, state: str = UNREAD) -> Mark | None:
    return None if reason is None else Mark(event_id, reason, state == UNREAD, state)


def opened(text: bytes) -> bytes:
    """Open a frame's JSON text for what differs by reader."""
    return text[:-1] + b","


def closed(open_text: bytes, notification: Mark | None, *, replayed: bool) -> bytes:
    """Close an opened text for one reader."""
    return open_text + encode(ForReader(notification, replayed))[1:]


CURSOR = b'"cursor":"'


def with_places(text: bytes, others: bytes) -> bytes:
    """Let an event's frame say where its reader stands in other logs, too: `others` are cursors, each after a comma."""
    # The last one: `details` stand before it and may have a key of any name; within a string, quotes are escaped.
    end = text.index(b'"', text.rindex(CURSOR) + len(CURSOR))
    return text[:end] + others + text[end:]


class SharedFrame:
    """A frame of the log as many readers get it who catch up: they differ in their marks, and each is encoded once."""

    def __init__(self, frame: EventFrame) -> None:
        self._event_id = frame.event_id
        self._open = opened(encode(frame))
        self._texts: dict[tuple[str | None, State], bytes] = {}

    def text(self, reason: str | None, state: State) -> bytes:
        text = self._texts.get((reason, state))
        if text is None:
            mine = mark(self._event_id, reason, state.word)
            text = self._texts[reason, state] = closed(self._open, mine, replayed=True)
        return text


class ReplaySummary(msgspec.Struct):
    """`missed` is None where the number is not known (another history)."""

    mode: str
    count: int
    missed: int | None


# --- Counts and marks -------------------------------------------------------------------------------------------------


class Unread(msgspec.Struct):
    total: int
    orgs: ByOrg


class Counts(msgspec.Struct):
    """Absolute counts, and the positions and the revision of the inbox that they are exact for."""

    unread: Unread
    at: ByOrg
    revision: int


class StateCounts(msgspec.Struct, kw_only=True):
    """How many notifications are in each state."""

    unread: int
    read: int
    done: int
    snoozed: int
    saved: int


class Change(msgspec.Struct, frozen=True):
    """Either the `event_ids` that it changed; or, of many, what was shown `up_to` an event of each organization in the
    list that `show` and `reason` name; or whatever the act with this `mark` has changed, or had before its undo.
    `threads`: stream id -> id of the newest event that was shown, where threads were meant."""

    act: str  # an Act, "undo" or "wake"
    mark: int
    state: str | UnsetType = UNSET
    snoozed_until: dt.datetime | UnsetType = UNSET
    event_ids: list[int] | UnsetType = UNSET
    up_to: ByOrg | UnsetType = UNSET
    show: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    threads: dict[str, int] | UnsetType = UNSET


class Read(msgspec.Struct):
    """What is not unread any more: these events; or, by the mark of that number, everything `up_to` an event of each
    organization, for that `reason` or (None) for any."""

    event_ids: list[int] | UnsetType = UNSET
    mark: int | UnsetType = UNSET
    up_to: ByOrg | UnsetType = UNSET
    reason: str | UnsetType | None = UNSET


class UnreadAgain(msgspec.Struct):
    """With `mark`: more than is named."""

    event_ids: list[int]
    mark: int | UnsetType = UNSET


class UnreadFrame(msgspec.Struct, kw_only=True, tag_field="type", tag="unread"):
    """A notification changed its state, whichever tab, device or moment changed it. `read` and `unread_again` say the
    same to a client that knows only read and unread."""

    unread: Unread
    at: ByOrg
    revision: int
    counts: StateCounts
    change: Change
    read: Read | None
    unread_again: UnreadAgain | UnsetType = UNSET
