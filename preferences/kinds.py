"""Kinds of news, the channels that bring them, and what each is unless somebody chose. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from events.subjects import SUBJECTS, OwnReason


class Kind(StrEnum):
    MENTIONS = "mentions"
    ASSIGNMENTS = "assignments"
    MINE = "mine"  # what they created, are assigned, or take part in
    WATCHED = "watched"
    EVERYTHING = "everything"  # all else in an organization
    MEMBERSHIPS = "memberships"  # their own place in an organization, and rights there


class Channel(StrEnum):
    INBOX = "inbox"
    TOAST = "toast"  # on a page that is open
    DESKTOP = "desktop"  # while no page is looked at
    MAIL = "mail"


class Value(StrEnum):
    OFF = "off"
    ON = "on"  # of every channel but mail
    DIGEST = "digest"  # of mail: with all that is unread at the person's hour
    AT_ONCE = "at_once"  # of mail


# What single people out: the inbox always takes it. Each has the reasons that are `direct`, and no others.
ALWAYS = frozenset({Kind.MENTIONS, Kind.ASSIGNMENTS, Kind.MEMBERSHIPS})

# Reasons that every subject has (`inbox/reasons.py`). Subjects say the kinds of their own themselves.
_OF_REASON = {
    "mentioned": Kind.MENTIONS,
    "assigned": Kind.ASSIGNMENTS,
    "unassigned": Kind.MINE,
    "assignee": Kind.MINE,
    "creator": Kind.MINE,
    "participant": Kind.MINE,
    "watching": Kind.WATCHED,
    "org": Kind.EVERYTHING,
}

_AT_ONCE = dict.fromkeys(ALWAYS, Value.AT_ONCE)
_DEFAULTS: Mapping[Channel, Mapping[Kind, Value]] = {
    Channel.INBOX: dict.fromkeys(Kind, Value.ON),
    Channel.TOAST: dict.fromkeys(Kind, Value.ON) | {Kind.EVERYTHING: Value.OFF},
    Channel.DESKTOP: dict.fromkeys(Kind, Value.OFF) | {Kind.MENTIONS: Value.ON, Kind.ASSIGNMENTS: Value.ON},
    Channel.MAIL: {Kind.MINE: Value.DIGEST, Kind.WATCHED: Value.DIGEST, Kind.EVERYTHING: Value.OFF}
    | _AT_ONCE,
}


def kind_of(reason: str) -> Kind:
    """Name the kind of news that somebody is told for this reason. One that no subject of this release has is taken
    for something of theirs: it concerned them."""
    return _OF_REASON.get(reason) or _own().get(reason, Kind.MINE)


def reasons_of(kind: Kind) -> frozenset[str]:
    """List the codes of the reasons of a kind."""
    return frozenset(reason for reason, its in (_OF_REASON | _own()).items() if its == kind)


def values_of(channel: Channel, kind: Kind) -> tuple[Value, ...]:
    """List what can be chosen; one value alone where it cannot be switched off."""
    if channel == Channel.MAIL:
        return (Value.OFF, Value.DIGEST, Value.AT_ONCE)
    if channel == Channel.INBOX and kind in ALWAYS:
        return (Value.ON,)
    return (Value.OFF, Value.ON)


def default_of(channel: Channel, kind: Kind) -> Value:
    return _DEFAULTS[channel][kind]


def defaults(channel: Channel) -> dict[Kind, Value]:
    """Give what holds of each kind where nobody chose anything."""
    return {kind: default_of(channel, kind) for kind in Kind}


@cache
def _own() -> dict[str, Kind]:
    """Gather what subjects say of their own reasons. To be asked once all apps are ready."""
    return {reason.code: _kind_of_own(reason) for subject in SUBJECTS.values() for reason in subject.reasons}


def _kind_of_own(reason: OwnReason) -> Kind:
    return Kind(reason.kind or (Kind.MENTIONS if reason.direct else Kind.MINE))
