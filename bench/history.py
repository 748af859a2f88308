"""Fills an empty database with a long and valid history: for benches, and for commands that must bear a million events.

    python -m bench.history --tasks 100000 --events 1000000 [--organizations 4] [--notifications] [--seed 1]

`bench/work.py` invents what happens, by the rules and the log's own functions; only the writing is in bulk. The same
seed on a fresh database gives the same rows, ids and digests.
"""

import argparse
import datetime as dt
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from random import Random
from typing import Any
from unittest import mock

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from msgspec.structs import asdict
from tqdm import tqdm

from base.transactions import write_transaction
from bench.bulk import insert
from bench.work import Past, Team, found, history
from events import texts
from events.models import EventText, LogHead, TaskEvent
from inbox.models import Notification, Watch
from inbox.recipients import reason_for
from inbox.states import State
from orgs.models import Organization, User
from tasks.models import Task
from tasks.participants import participants
from tasks.state import TaskState

CHUNK = 10_000  # events written at once, in one transaction
UNREAD = 0.01  # of the events: the newest ones, which nobody has read
READ_AFTER = dt.timedelta(hours=5)

EVENT = [field.attname for field in TaskEvent._meta.concrete_fields]
TEXT = ["event_id", "organization_id", "nonce", "body"]
TASK = ["id", *TaskState.__struct_fields__]
NOTIFICATION = ["recipient_id", "organization_id", "event_id", "reason", "state", "read_at"]

# Shows the events as they are made: tqdm's shape.
Track = Callable[[Iterable[Past]], Iterable[Past]]


def fill(
    tasks: int,
    events: int,
    *,
    organizations: int = 4,
    seed: int = 1,
    notifications: bool = False,
    track: Track = iter,
) -> None:
    """Raises ValueError when the database is not empty, or when there are fewer events than tasks."""
    if Organization.objects.exists() or User.objects.exists():
        raise ValueError("This database is not empty: only a fresh one gives the same history every time.")
    if not 0 < tasks <= events:
        raise ValueError("There must be at least one task, and for each an event: its creation.")
    random = Random(seed)
    teams = [found(number) for number in range(organizations)]
    nonces = mock.Mock(token_hex=lambda size: random.randbytes(size).hex())
    with mock.patch.object(texts, "secrets", nonces):  # random in the product, the same every time here
        past = iter(track(history(teams, tasks, events, random)))
        last_id = 0
        while chunk := list(islice(past, CHUNK)):
            _write(chunk, last_id)
            if notifications:
                _tell(
                    chunk, {team.organization.pk: team for team in teams}, read_to=int(events * (1 - UNREAD))
                )
            last_id += len(chunk)
    _write_the_rest(teams)


def _write(chunk: list[Past], last_id: int) -> None:
    for event_id, past in enumerate(chunk, start=last_id + 1):
        past.event.pk = event_id
    written = (
        [past.event.pk, past.event.organization_id, past.text.nonce, past.text.body]
        for past in chunk
        if past.text
    )
    with write_transaction():
        insert(TaskEvent, EVENT, ([getattr(past.event, name) for name in EVENT] for past in chunk))
        insert(EventText, TEXT, written)


def _tell(chunk: list[Past], teams: dict[int, Team], read_to: int) -> None:
    """Notifications, read up to that event."""
    rows = (row for past in chunk for row in _notifications(past, teams[past.event.organization_id], read_to))
    with write_transaction():
        insert(Notification, NOTIFICATION, rows)


def _notifications(past: Past, team: Team, read_to: int) -> Iterator[list[Any]]:
    event = past.event
    concerned = participants(event.fact, past.before, past.after, team.watchers.get(event.stream_id, []))
    is_read = event.pk <= read_to
    state, read_at = (State.READ, event.created_at + READ_AFTER) if is_read else (State.UNREAD, None)
    for user_id, level in team.levels.items():
        reason = reason_for(user_id, level, actor_id=event.actor_id, participants=concerned)
        if reason:
            yield [user_id, event.organization_id, event.pk, reason, state.value, read_at]


def _write_the_rest(teams: list[Team]) -> None:
    """What follows from the log: heads and tasks; and where the next event's id begins."""
    with write_transaction():
        for team in teams:
            LogHead.objects.create(organization=team.organization, position=team.position, digest=team.digest)
            watched = [
                (user_id, stream) for stream, user_ids in team.watchers.items() for user_id in user_ids
            ]
            insert(Watch, ["user_id", "stream_id"], watched)
            tasks = zip(team.streams, team.states, strict=True)
            insert(Task, TASK, ([stream, *asdict(state).values()] for stream, state in tasks if state))
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [TaskEvent]):
                cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--organizations", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--notifications", action="store_true", help="tell everybody too: about three rows an event"
    )
    size = vars(parser.parse_args())
    call_command("migrate", verbosity=0)
    try:
        fill(**size, track=lambda past: tqdm(past, total=size["events"], unit=" events", disable=None))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{size['events']:,} events of {size['tasks']:,} tasks.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
