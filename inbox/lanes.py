"""The lanes of an inbox: rows in one state that stand together in one index. Lists and counts are made of them."""

from typing import NamedTuple

from inbox.reasons import ORG, reasons
from inbox.states import State


class Lane(NamedTuple):
    """`rows` repeats the condition of the index: SQLite knows it by nothing else. Within it the rows of one recipient,
    organization and reason stand in order. `to_all`: whether that reason is ORG; None where it may be any."""

    state: State
    rows: str
    to_all: bool | None = None

    @property
    def reasons(self) -> list[str]:
        """List those that its rows have. To be asked once all apps are ready."""
        return [code for code in reasons() if self.to_all in (None, code == ORG)]


UNREAD_LANES = (
    Lane(State.UNREAD, "state = 0 AND reason = 'org'", to_all=True),
    Lane(State.UNREAD, "state = 0 AND NOT (reason = 'org')", to_all=False),
)
HANDLED_LANES = tuple(
    Lane(state, f"state > 0 AND state = {state.value}") for state in State if state != State.UNREAD
)
LANES = UNREAD_LANES + HANDLED_LANES
