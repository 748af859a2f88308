"""Who follows the logs. An app registers its follower in `AppConfig.ready`."""

from collections.abc import Sequence
from typing import ClassVar

from events.models import TaskEvent


class Follower:
    """Takes each organization's log in order and from its start, a batch at a time, each event once.

    `take` runs in the transaction that moves the cursor: what it writes to the database happens exactly once, and it
    must be quick. What it does outside the database is undone by no rollback and may happen again. So a follower that
    tells the outside writes rows of what is to be sent (an outbox, keyed by organization and position), and something
    beside the loop (`followers.beside`) sends them after the commit, with that key, so that who gets it twice can tell.
    """

    name: ClassVar[str]  # of at most 40 characters, kept with its cursors
    batch: ClassVar[int] = 200  # events in one transaction
    rests: float = (
        0.0  # seconds between two visits of a process to a log, where nobody waits for what it makes
    )
    # Where a log turns out to be another than the one taken: whether it is taken anew, after `forget`. A follower that
    # would tell people everything again says no, and goes on at the log's head.
    takes_anew: ClassVar[bool] = True

    def take(self, organization_id: int, events: Sequence[TaskEvent]) -> None:
        """Take the next events (`readable`). Whatever it raises takes the batch back; it is tried again later."""
        raise NotImplementedError

    def forget(self, organization_id: int) -> None:
        """Drop whatever was made from this log. Called where another history stands in its place."""


FOLLOWERS: dict[str, Follower] = {}


def register(follower: Follower) -> None:
    FOLLOWERS[follower.name] = follower
