"""Organizations full of people who are signed in, each with a task to talk about. Needs Django to be set up."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from events.cursors import Cursor
from events.models import TaskEvent
from orgs.models import Membership, Organization, User
from tasks.commands import CommentOnTask, CreateTask
from tasks.services import execute

REPLAYED = 10  # events that a socket is shown when it connects
BACKEND = "accounts.backends.Backend"


@dataclass(frozen=True)
class Place:
    """One organization, `actor` who writes there, and the task written to. Everybody else is told of it."""

    slug: str
    org_id: int
    task_id: uuid.UUID
    actor: User

    def cursor_behind(self, events: int) -> str:
        log = TaskEvent.objects.filter(organization_id=self.org_id).order_by("-position")
        return str(Cursor.at(log[events]))


def people(count: int, prefix: str = "person") -> list[User]:
    named = [User(username=f"{prefix}{number}", password="!") for number in range(count)]
    return User.objects.bulk_create(named)


def cookies(users: Iterable[User]) -> list[str]:
    """A session of their own for everybody."""
    store, until = SessionStore(), timezone.now() + timezone.timedelta(days=1)
    sessions = [
        Session(
            session_key=f"{uuid.uuid4().hex}",
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: BACKEND,
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            ),
            expire_date=until,
        )
        for user in users
    ]
    Session.objects.bulk_create(sessions)
    return [f"{settings.SESSION_COOKIE_NAME}={session.session_key}" for session in sessions]


def organization(slug: str, members: Iterable[User]) -> Place:
    org = Organization.objects.create(slug=slug, name=slug.capitalize())
    actor = User.objects.create(username=f"writer-{slug}", first_name="Alice")
    Membership.objects.create(organization=org, user=actor, role=Membership.Role.OWNER)
    Membership.objects.bulk_create([Membership(organization=org, user=user) for user in members])
    created = execute(
        CreateTask(organization_id=org.pk, title="Ring the bells of the old tower"), actor=actor
    )
    place = Place(slug, org.pk, created[0].stream_id, actor)
    for _ in range(REPLAYED + 1):
        execute(comment(place, "A first word."), actor=actor)
    return place


def comment(place: Place, text: str) -> CommentOnTask:
    return CommentOnTask(task_id=place.task_id, text=text)
