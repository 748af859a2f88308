"""Two organizations for tests that need people: Acme with one of each role, and Globex, which is foreign to them. A
plugin: every test may ask for its fixtures."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from base.announcements import announced
from base.messages import Message
from config.sessions import SessionStore
from events.models import TaskEvent
from orgs.models import Membership, Organization, User
from realtime.broadcast import broadcast_announcement
from tasks import commands
from tasks.models import Task
from tasks.services import execute
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.tasks.invariants import assert_the_fold_is_the_row
from tests.words import with_frames

Role, Level = Membership.Role, Membership.Level


@dataclass(frozen=True)
class Team:
    """One organization: `team.alice` is its member of that user name."""

    organization: Organization

    @property
    def pk(self) -> int:
        return self.organization.pk

    @property
    def slug(self) -> str:
        return self.organization.slug

    def __getattr__(self, username: str) -> User:
        if username.startswith("_"):
            raise AttributeError(username)
        return User.objects.get(username=username)

    def membership(self, user: User) -> Membership:
        return Membership.objects.select_related("organization", "user").get(
            organization=self.organization, user=user
        )

    def join(self, username: str, role: str = Role.MEMBER, **fields: Any) -> User:
        """A membership as it stands in the table, without the service that announces it."""
        user = User.objects.filter(username=username).first() or UserFactory(username=username)
        MembershipFactory(organization=self.organization, user=user, role=role, **fields)
        return user


def found(slug: str, **roles: str) -> Team:
    """An organization with these members. Most tests begin so: all in four statements."""
    organization = OrganizationFactory(slug=slug)
    known = {user.username: user for user in User.objects.filter(username__in=roles)}
    people = {username: known.get(username) or UserFactory.build(username=username) for username in roles}
    User.objects.bulk_create(user for user in people.values() if not user.pk)
    Membership.objects.bulk_create(
        Membership(organization=organization, user=user, role=roles[username])
        for username, user in people.items()
    )
    return Team(organization)


@pytest.fixture
def acme(db: None) -> Team:
    return found("acme", alice=Role.OWNER, bob=Role.ADMIN, carol=Role.MEMBER, vera=Role.VIEWER)


@pytest.fixture
def globex(db: None) -> Team:
    return found("globex", gina=Role.OWNER, hank=Role.MEMBER)


def carry_out(command: commands.Command, *, actor: User, **options: Any) -> list[TaskEvent]:
    """`execute`, and the row must equal the fold of its stream."""
    events = execute(command, actor=actor, **options)
    assert_the_fold_is_the_row(events[0].stream_id if events else command.task_id)
    return events


def new_task(team: Team, *, actor: User, title: str = "Fix the door", **fields: Any) -> Task:
    command = commands.CreateTask(organization_id=team.pk, title=title, task_id=uuid.uuid4(), **fields)
    carry_out(command, actor=actor)
    return Task.objects.select_related("organization").get(pk=command.task_id)


def comment(task: Task, text: str = "Hm.", *, actor: User) -> TaskEvent:
    (event,) = carry_out(commands.CommentOnTask(task_id=task.pk, text=text), actor=actor)
    return event


def describe(task: Task, text: str, *, actor: User) -> TaskEvent:
    (event,) = carry_out(commands.DescribeTask(task_id=task.pk, description=text), actor=actor)
    return event


def rename(task: Task, title: str, *, actor: User) -> TaskEvent:
    (event,) = carry_out(commands.RenameTask(task_id=task.pk, title=title), actor=actor)
    return event


def label(task: Task, *labels: str, actor: User) -> TaskEvent:
    (event,) = carry_out(commands.SetLabels(task_id=task.pk, labels=labels), actor=actor)
    return event


def move(task: Task, status: str, *, actor: User) -> TaskEvent:
    (event,) = carry_out(commands.ChangeStatus(task_id=task.pk, status=status), actor=actor)
    return event


def assign(task: Task, user: User | None, *, actor: User) -> TaskEvent:
    command = commands.AssignTask(task_id=task.pk, assignee_id=user and user.pk)
    (event,) = carry_out(command, actor=actor)
    return event


def signed_in(user: User, **options: Any) -> Client:
    """A browser with a session of theirs, as signing in leaves it; nobody is told that they came, nor is it kept."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save(must_create=True)
    client = Client(**options)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


@pytest.fixture
def bob(acme: Team) -> Client:
    """Bob's browser, signed in."""
    return signed_in(acme.bob)


Announcement = tuple[str, dict[str, Any]]


@contextmanager
def listening() -> Iterator[list[Announcement]]:
    """What is announced, as (group, message as it crosses the layer, with its frames read). The sockets hear nothing of
    it."""
    heard: list[Announcement] = []

    def hear(*, group: str, message: Message, **_: Any) -> None:
        heard.append((group, with_frames(message)))

    announced.disconnect(dispatch_uid="realtime")
    announced.connect(hear)
    try:
        yield heard
    finally:
        announced.disconnect(hear)
        announced.connect(broadcast_announcement, dispatch_uid="realtime")


@pytest.fixture
def announcements() -> Iterator[list[Announcement]]:
    with listening() as heard:
        yield heard
