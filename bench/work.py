"""Invents what teams do for years: a valid history, made by the rules themselves and sealed as `events.log` does it.

Everything random comes from one generator, so that the same seed invents the same.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from events.digests import GENESIS, digest
from events.facts import Fact
from events.models import EventText, TaskEvent
from events.texts import seal
from orgs.models import Membership, Organization, User
from tasks import commands
from tasks.decide import decide
from tasks.state import TaskState, evolve
from tasks.statuses import LABELS

START = dt.datetime(2024, 1, 1, 9, tzinfo=dt.UTC)

# Five people in each organization, as different as they may be.
PLACES = (
    (Membership.Role.OWNER, Membership.Level.ALL),
    (Membership.Role.ADMIN, Membership.Level.ALL),
    (Membership.Role.MEMBER, Membership.Level.PARTICIPATING),
    (Membership.Role.MEMBER, Membership.Level.PARTICIPATING),
    (Membership.Role.MEMBER, Membership.Level.MUTED),
)
WORDS = (
    "the gate lock page list mail order table window report button invoice server login search filter total date "
    "is was fails opens waits shows hides moves breaks answers slowly twice again today now never sometimes "
    "when after before while without because and but then so for on in of Größe 門 naïve “quoted” back\\slash"
)


class Past(NamedTuple):
    """An event with its text, if it has one, and its task's state before and after."""

    event: TaskEvent
    text: EventText | None
    before: TaskState | None
    after: TaskState


@dataclass
class Team:
    """An organization as it grows: the end of its log, its people, and its tasks by their number less one."""

    organization: Organization
    people: dict[str, int]  # user name -> id
    levels: dict[int, str]  # user id -> notification level
    position: int = 0
    digest: str = GENESIS
    streams: list[uuid.UUID] = field(default_factory=list)
    states: list[TaskState | None] = field(default_factory=list)
    watchers: dict[uuid.UUID, list[int]] = field(default_factory=dict)


def found(number: int) -> Team:
    """An organization as old as its log, with its people. Nobody can sign in."""
    organization = Organization.objects.create(name=f"Team {number}", slug=f"team-{number}")
    team = Team(organization, {}, {})
    for place, (role, level) in enumerate(PLACES):
        user = User.objects.create(username=f"p{number}-{place}", first_name=f"P{place}")
        Membership.objects.create(organization=organization, user=user, role=role, level=level)
        team.people[user.username], team.levels[user.pk] = user.pk, str(level)
    Membership.objects.filter(organization=organization).update(created=START)
    return team


def history(teams: list[Team], tasks: int, events: int, random: Random) -> Iterator[Past]:
    """Tasks are opened evenly over the time, the first teams have more of them, and newer ones see more work."""
    words = WORDS.split()
    texts = [" ".join(random.choices(words, k=random.randint(3, 30))) for _ in range(1000)]
    now, opened, made = START, 0, 0
    while made < events:
        now += dt.timedelta(microseconds=random.randint(1, 60_000_000))
        team = teams[int(min(len(teams), opened or 1) * random.random() ** 2)]
        if opened * events <= made * tasks:
            team = teams[opened] if opened < len(teams) else team
            index, opened = _open(team, random), opened + 1
        else:
            index = len(team.states) - 1 - int(len(team.states) * random.random() ** 3)
        before = team.states[index]
        command = _change(team, index, random, texts) if before else _creation(team, index, random, texts)
        for fact in decide(before, command, team.people):
            made += 1
            yield _append(team, index, fact, random.choice(list(team.levels)), now)


def _open(team: Team, random: Random) -> int:
    """A place for a new task. One in fifty is watched by somebody."""
    team.streams.append(uuid.UUID(int=random.getrandbits(128), version=4))
    team.states.append(None)
    if random.random() < 1 / 50:
        team.watchers[team.streams[-1]] = [random.choice(list(team.levels))]
    return len(team.states) - 1


def _append(team: Team, index: int, fact: Fact, actor_id: int, now: dt.datetime) -> Past:
    """As `events.log.append`, but it writes nothing."""
    before = team.states[index]
    team.position += 1
    event = TaskEvent(
        organization_id=team.organization.pk,
        position=team.position,
        stream_id=team.streams[index],
        version=before.version + 1 if before else 1,
        action=fact.action,
        schema_version=fact.schema_version,
        task_number=index + 1,
        actor_id=actor_id,
        created_at=now,
    )
    event.fact = fact
    after = team.states[index] = evolve(before, event)
    event.subject = after.title
    text = seal(event, fact)
    event.digest = team.digest = digest(team.digest, event)
    return Past(event, text, before, after)


def _creation(team: Team, index: int, random: Random, texts: list[str]) -> commands.Command:
    return commands.CreateTask(
        organization_id=team.organization.pk,
        task_id=team.streams[index],
        title=random.choice(texts)[:60],
        description=_text(team, random, texts) if random.random() < 0.8 else "",
    )


def _change(team: Team, index: int, random: Random, texts: list[str]) -> commands.Command:
    task_id = team.streams[index]
    if (state := team.states[index]) and state.archived:
        return commands.RestoreTask(task_id=task_id)
    match int(random.random() * 40):
        case 0:
            return commands.ArchiveTask(task_id=task_id)
        case 1 | 2 | 3:
            return commands.RenameTask(task_id=task_id, title=random.choice(texts)[:60])
        case 4 | 5:
            return commands.DescribeTask(task_id=task_id, description=_text(team, random, texts))
        case 6 | 7 | 8:
            day = START.date() + dt.timedelta(days=random.randint(0, 900))
            return commands.SetDueDate(task_id=task_id, due_date=random.choice([None, day, day]))
        case step if step < 16:
            return commands.AssignTask(task_id=task_id, assignee_id=random.choice([None, *team.levels]))
        case step if step < 27:
            return commands.ChangeStatus(task_id=task_id, status=random.choice(list(LABELS)))
    return commands.CommentOnTask(task_id=task_id, text=_text(team, random, texts))


def _text(team: Team, random: Random, texts: list[str]) -> str:
    """Every sixth mentions somebody."""
    text = random.choice(texts)
    return f"@{random.choice(list(team.people))} {text}" if random.random() < 1 / 6 else text
