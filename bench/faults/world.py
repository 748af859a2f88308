"""Two organizations, their people, sessions and tasks; who opens which socket; and the log that it comes to."""

import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from bench.faults.book import Target
from bench.faults.checker import Log
from bench.faults.client import Plan
from bench.faults.history import Span
from bench.world import cookies
from events.models import LogHead, TaskEvent
from membership.services import create_organization
from orgs.models import Membership, Organization, User
from tasks.commands import CreateTask
from tasks.services import execute

PASSWORD = "demo"
PASSWORD_HASH = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)  # cheap on purpose
SOCKETS_EACH = 8  # of one person: all of them must have room on one server when the other is dead
TASKS = 20  # in each organization: one long history would make every further comment slower


@dataclass(frozen=True, eq=False)
class Person:
    user: User
    organizations: list[Organization]

    def cookie(self) -> str:
        """Of a session of its own."""
        return cookies([self.user])[0]


class World:
    """Made anew for each run, so that no run sees another's events."""

    def __init__(self, sockets: int) -> None:
        self._token = token = secrets.token_hex(3)
        self.actor = self._user(f"writer-{token}")
        self.organizations = [
            create_organization(name=name, slug=f"{name.lower()}-{token}", owner=self.actor)
            for name in ("Acme", "Globex")
        ]
        self.targets = [self._target(organization) for organization in self.organizations]
        self.cookies: dict[Person, str] = {}
        self.people: list[Person] = []
        self.invite(max(3, -(-sockets // SOCKETS_EACH)))

    def invite(self, count: int) -> list[Person]:
        """More people, each signed in."""
        known = len(self.people)
        invited = [self._person(f"p{n}-{self._token}", n) for n in range(known, known + count)]
        self.people += invited
        self.cookies |= {person: person.cookie() for person in invited}
        return invited

    def _user(self, name: str) -> User:
        return User.objects.create(username=name, password=PASSWORD_HASH)

    def _person(self, name: str, number: int) -> Person:
        """Of three, one is in the first organization, one in the second, one in both. As an admin: whoever manages
        members is told of every event, those of membership too."""
        acme, globex = self.organizations
        joined = [[acme], [globex], [acme, globex]][number % 3]
        user = self._user(name)
        Membership.objects.bulk_create(
            Membership(user=user, organization=each, role=Membership.Role.ADMIN) for each in joined
        )
        return Person(user, joined)

    def _target(self, organization: Organization) -> Target:
        """Written to by somebody without a socket: whoever acts is not told of their own deed."""
        commands = [CreateTask(organization_id=organization.pk, title=f"Task {n}") for n in range(TASKS)]
        tasks = [execute(command, actor=self.actor)[0].stream_id for command in commands]
        return Target(organization.pk, self.actor.pk, tasks)

    def plans(self, count: int, people: list[Person], *, with_user_sockets: bool) -> list[Plan]:
        """Everybody has sockets on both servers; every second one is the user's, where there is such a thing."""
        start = self.heads()
        plans = []
        for number in range(count):
            turn, which = divmod(number, len(people))
            person, user_socket = people[which], with_user_sockets and turn % 2 == 1
            plan = plan_for(person, self.cookies[person], None if user_socket else turn, start)
            plan.name, plan.home = f"{plan.name} #{number}", (turn // 2 + which) % 2
            plans.append(plan)
        return plans

    def heads(self) -> dict[int, int]:
        found = LogHead.objects.filter(organization__in=self.organizations)
        return dict(found.values_list("organization_id", "position"))

    def log(self) -> Log:
        """What the database holds. Raises AssertionError when its positions are not dense."""
        log: dict[int, list[int]] = {organization.pk: [] for organization in self.organizations}
        rows = TaskEvent.objects.filter(organization__in=self.organizations).order_by("position")
        for org_id, position, event_id in rows.values_list("organization_id", "position", "pk"):
            log[org_id].append(event_id)
            assert position == len(log[org_id]), f"position {position} of organization {org_id} is not dense"
        return log


def plan_for(person: Person, cookie: str, turn: int | None, start: dict[int, int]) -> Plan:
    """A socket of one of the person's organizations, or (turn None) of the user."""
    if turn is None:
        name, path, orgs = "me", "users/me", person.organizations
    else:
        orgs = [person.organizations[turn // 2 % len(person.organizations)]]
        name = orgs[0].slug
        path = f"orgs/{name}"
    return Plan(
        name=f"{person.user.username} {name}",
        path=f"/ws/{path}/notifications/",
        twin=f"/api/{path}/notifications/",
        cookie=cookie,
        home=0,
        rights={organization.pk: Span() for organization in orgs},
        start={organization.pk: start[organization.pk] for organization in orgs},
    )
