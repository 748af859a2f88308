"""The lanes of an inbox: rows in one state that stand together in one index. Lists and counts are made of them."""

from typing import NamedTuple

from inbox.models import Reason
from inbox.states import State


class Lane(NamedTuple):
    """`rows` repeats the condition of the index: SQLite knows it by nothing else. Within it the rows of one recipient,
    organization and reason stand in order."""

    state: State
    rows: str
    reasons: tuple[str, ...]


UNREAD_LANES = (
    Lane(State.UNREAD, "state = 0 AND reason = 'org'", (Reason.ORG.value,)),
    Lane(
        State.UNREAD,
        "state = 0 AND NOT (reason = 'org')",
        tuple(reason for reason in Reason.values if reason != Reason.ORG),
    ),
)
HANDLED_LANES = tuple(
    Lane(state, f"state > 0 AND state = {state.value}", tuple(Reason.values))
    for state in State
    if state != State.UNREAD
)
LANES = UNREAD_LANES + HANDLED_LANES
