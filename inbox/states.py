"""The states of a notification, and which act leads from which to which. Pure: `inbox.marks` carries the acts out.

A notification is in exactly one state, and so in exactly one place of an inbox.
"""

import datetime as dt
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import NamedTuple

from base.errors import Invalid

LONGEST_SNOOZE = dt.timedelta(days=366)


class State(IntEnum):
    """As the database has it; frames and addresses say the `word`."""

    UNREAD = 0
    READ = 1
    DONE = 2
    SNOOZED = 3
    SAVED = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class Act(StrEnum):
    """What a person does with a notification."""

    READ = "read"
    UNREAD = "unread"
    DONE = "done"
    UNDONE = "undone"
    SNOOZE = "snooze"
    SAVE = "save"
    UNSAVE = "unsave"


class Step(NamedTuple):
    """An act changes a notification in one of the `sources`, and no other."""

    sources: frozenset[State]
    target: State


ALL = frozenset(State)

# Snoozing what is snoozed gives it another moment.
STEPS: Mapping[Act, Step] = {
    Act.READ: Step(frozenset({State.UNREAD}), State.READ),
    Act.UNREAD: Step(ALL - {State.UNREAD}, State.UNREAD),
    Act.DONE: Step(ALL - {State.DONE}, State.DONE),
    Act.UNDONE: Step(frozenset({State.DONE}), State.READ),
    Act.SNOOZE: Step(ALL, State.SNOOZED),
    Act.SAVE: Step(ALL - {State.SAVED}, State.SAVED),
    Act.UNSAVE: Step(frozenset({State.SAVED}), State.READ),
}

INBOX = frozenset({State.UNREAD, State.READ})

# What a list shows, by the word that its address has for it.
VIEWS: Mapping[str, frozenset[State]] = {
    "inbox": INBOX,
    **{state.word: frozenset({state}) for state in (State.UNREAD, State.DONE, State.SNOOZED, State.SAVED)},
}


def check_snooze(until: dt.datetime, now: dt.datetime) -> None:
    """Raise Invalid unless the moment is to come, and within a year."""
    if not now < until <= now + LONGEST_SNOOZE:
        raise Invalid("Say until when to snooze: a time to come, at most a year from now.")
