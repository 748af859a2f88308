"""A task's past for tests of pure rules: events as `evolve` reads them, without a database."""

import datetime as dt
from dataclasses import dataclass

from events.facts import Fact
from tasks import facts
from tasks.state import TaskState, fold

ALICE, BOB, CAROL, DAVE = 1, 2, 3, 4
START = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
CREATED = facts.TaskCreated("Fix the door")


class Praised(Fact, frozen=True):
    """Of a newer release: this one does not know the action."""

    action = "praised"
    stars: int


@dataclass(frozen=True)
class PastEvent:
    organization_id: int
    task_number: int
    version: int
    fact: Fact
    actor_id: int
    created_at: dt.datetime


def past(*happened: Fact | tuple[int, Fact]) -> list[PastEvent]:
    """One event a minute, by Alice unless a fact comes as `(actor id, fact)`."""
    events = []
    for version, item in enumerate(happened, start=1):
        actor_id, fact = item if isinstance(item, tuple) else (ALICE, item)
        moment = START + dt.timedelta(minutes=version - 1)
        events.append(PastEvent(7, 12, version, fact, actor_id, moment))
    return events


def given(*happened: Fact | tuple[int, Fact]) -> TaskState:
    """The state after these facts; the first must be a creation."""
    state = fold(past(*happened))
    assert state is not None
    return state
