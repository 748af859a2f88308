"""Two people in one organization, a third outside, and a task to talk about. A plugin: every test may ask for it."""

from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from orgs.models import Membership
from tasks.commands import CommentOnTask, CreateTask
from tasks.services import execute, execute_together
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory


@pytest.fixture
async def closed_connections() -> AsyncIterator[None]:
    """`sync_to_async` has a thread of its own, and that thread a connection that nobody else would close."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def world(transactional_db) -> SimpleNamespace:
    """`alice` (owner) and `bob` (member) of `org`; `eve` owns `elsewhere`; `write(n)` appends n comments of alice's,
    `save()` three by one request."""
    alice, bob, eve = (UserFactory(username=name) for name in ("alice", "bob", "eve"))
    org, elsewhere = OrganizationFactory(slug="acme", name="Acme"), OrganizationFactory(slug="globex")
    MembershipFactory(organization=org, user=alice, role=Membership.Role.OWNER)
    MembershipFactory(organization=org, user=bob)
    MembershipFactory(organization=elsewhere, user=eve, role=Membership.Role.OWNER)
    created = execute(CreateTask(organization_id=org.pk, title="Ring the bells"), actor=alice)
    return SimpleNamespace(
        alice=alice,
        bob=bob,
        eve=eve,
        org=org,
        elsewhere=elsewhere,
        task_id=created[0].stream_id,
        write=writer(created[0].stream_id, alice),
        save=lambda: execute_together(
            [CommentOnTask(task_id=created[0].stream_id, text="ding")] * 3, actor=alice
        ),
    )


def writer(task_id, actor) -> Callable[..., list]:
    def write(count: int = 1, text: str = "ding") -> list:
        command = CommentOnTask(task_id=task_id, text=text)
        return [event for _ in range(count) for event in execute(command, actor=actor)]

    return write
