"""The whole of the demo data, in the order of time over both organizations: people, tasks, and desks."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from demo.desks import DESKS, clear, note_last_visit
from demo.script import Story, parse
from demo.stage import Scene, perform
from demo.timing import moments
from events.models import TaskEvent
from membership.services import add_member, change_level, create_organization
from orgs.access import membership_in
from orgs.models import Membership, Organization, User

Level = Membership.Level

PASSWORD = "demo"  # noqa: S105 - shown to everyone who starts the demo

NAMES = {"alice": "Alice Reyes", "bob": "Bob Meyer", "carol": "Carol Novak", "dave": "Dave Okafor"}
BEFORE = dt.timedelta(minutes=10)  # so long before the first task the organizations are there


class Cast(NamedTuple):
    name: str
    slug: str
    owner: str
    members: Mapping[str, Level]


CASTS = (
    # Carol helps out at Acme: she wants to hear of her own tasks only.
    Cast("Acme", "acme", "alice", {"bob": Level.ALL, "carol": Level.PARTICIPATING}),
    Cast("Globex", "globex", "carol", {"dave": Level.ALL}),
)

# Shows the steps as they are taken: tqdm's shape.
Track = Callable[[list[Scene]], Iterable[Scene]]


def seed(now: dt.datetime, track: Track) -> int:
    """Fill an empty database. Returns the number of events. Runs in the caller's transaction."""
    people, now = _people(), timezone.localtime(now)
    start = min(moments(story, now)[0] for cast in CASTS for story in stories_of(cast)) - BEFORE
    scenes: list[Scene] = []
    for cast in CASTS:
        scenes += _scenes(cast, _organization(cast, people, start), people, now)
    scenes.sort(key=attrgetter("at"))
    # Everybody was there from the start, so a rebuild of the inboxes owes them the whole story.
    Membership.objects.update(created=start)
    for scene in track(scenes):
        perform(scene)
    for username, desk in DESKS.items():
        clear(people[username], desk, now)
        note_last_visit(people[username], now)
    return TaskEvent.objects.count()


def stories_of(cast: Cast) -> list[Story]:
    return parse(Path(__file__).with_name(f"{cast.slug}.txt").read_text(encoding="utf-8"))


def _people() -> dict[str, User]:
    password = make_password(PASSWORD)
    people: dict[str, User] = {
        username: User.objects.create(
            username=username,
            first_name=first_name,
            last_name=last_name,
            email=f"{username}@example.com",
            password=password,
            is_staff=username == "alice",
            is_superuser=username == "alice",
        )
        for username, name in NAMES.items()
        for first_name, last_name in [name.split()]
    }
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people.values()]
    )
    return people


def _organization(cast: Cast, people: Mapping[str, User], now: dt.datetime) -> Organization:
    owner = people[cast.owner]
    organization = create_organization(name=cast.name, slug=cast.slug, owner=owner, now=now)
    for username, level in cast.members.items():
        manager = membership_in(cast.slug, owner.pk)
        member = add_member(by=manager, username=username, role=Membership.Role.MEMBER, now=now)
        if level != member.level:
            change_level(membership=member, level=level)
    return organization


def _scenes(
    cast: Cast, organization: Organization, people: Mapping[str, User], now: dt.datetime
) -> Iterable[Scene]:
    for story in stories_of(cast):
        for step, at in zip(story.steps, moments(story, now), strict=True):
            yield Scene(story, step, at, now.date(), organization.pk, people)
