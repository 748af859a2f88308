"""A client that sends back the cursor of the newest frame gets exactly what it missed, in every organization."""

import random
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from events.cursors import parse_many
from inbox import answers, replay_pieces
from inbox.models import Notification
from orgs.models import Membership
from tasks.commands import CommentOnTask, CreateTask
from tasks.services import execute
from tests.factories import MembershipFactory, OrganizationFactory
from tests.realtime.sockets import opened, session_cookie, user_path
from tests.tasks.acme import signed_in

DROPS = 30


@pytest.fixture
def three(world) -> SimpleNamespace:
    """Bob is in three organizations; in the last he hears only of what he takes part in."""
    tasks = [world.task_id]
    for number, level in ((2, "all"), (3, Membership.Level.PARTICIPATING)):
        org = OrganizationFactory(slug=f"org{number}")
        MembershipFactory(organization=org, user=world.alice, role=Membership.Role.OWNER)
        MembershipFactory(organization=org, user=world.bob, level=level)
        created = execute(CreateTask(organization_id=org.pk, title="Ring"), actor=world.alice)
        tasks.append(created[0].stream_id)
    chance = random.Random(14)

    def write(most: int) -> None:
        for _ in range(chance.randrange(most + 1)):
            text = chance.choice(["ding", "ding", "@bob", 'a "cursor":"9.9.99999999" of my own'])
            execute(CommentOnTask(task_id=chance.choice(tasks), text=text), actor=world.alice)

    def say(place: int) -> None:
        execute(CommentOnTask(task_id=tasks[place], text="ding"), actor=world.alice)

    return SimpleNamespace(bob=world.bob, chance=chance, write=write, say=say)


class Literal:
    """Knows what docs/protocol.md says and no more: a cursor is opaque, and that of the newest frame is sent back."""

    def __init__(self) -> None:
        self.cursor: str | None = None
        self.seen: list[int] = []
        self.resets = 0

    def take(self, frame) -> None:
        if frame["type"] in ("task_event", "event"):
            self.seen.append(frame["event_id"])
            self.cursor = frame["cursor"]
        elif frame["type"] == "welcome":
            self.resets += frame["replay"]["mode"] == "reset"
            if not frame["replay"]["count"]:
                self.cursor = frame["cursor"]


async def test_thirty_drops_beside_writes_in_three_organizations(three, monkeypatch):
    monkeypatch.setattr(settings, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(replay_pieces, "PIECE", 4_000)  # replays come in several pieces
    write, cookie = sync_to_async(three.write), await sync_to_async(session_cookie)(three.bob)
    client = Literal()
    for _ in range(DROPS):
        async with opened(user_path(client.cursor), cookie) as socket:
            client.take(welcome := await socket.frame())
            for _ in range(three.chance.randrange(welcome["replay"]["count"] + 1)):
                client.take(await socket.frame())
            await write(2)
        await write(4)
    await follow_to_the_end(client, three.bob, cookie)
    addressed = Notification.objects.filter(recipient=three.bob).order_by("event_id")
    told = [event_id async for event_id in addressed.values_list("event_id", flat=True)]
    assert (sorted(client.seen), client.resets) == (told, 0)


async def follow_to_the_end(client: Literal, person, cookie: str) -> None:
    """Resume, and read live what is written now: its cursor too names all."""
    async with opened(user_path(client.cursor), cookie) as socket:
        client.take(welcome := await socket.frame())
        for _ in range(welcome["replay"]["count"]):
            client.take(await socket.frame())
    async with opened(user_path(client.cursor), cookie) as socket:
        assert (await socket.frame())["replay"] == {"mode": "resume", "count": 0, "missed": 0}


async def test_a_live_frame_names_where_its_reader_stands_everywhere(three, monkeypatch):
    monkeypatch.setattr(settings, "POLL_SECONDS", 0.05)
    cookie = await sync_to_async(session_cookie)(three.bob)
    client = Literal()
    async with opened(user_path(), cookie) as socket:
        client.take(welcome := await socket.frame())
        for _ in range(welcome["replay"]["count"]):
            client.take(frame := await socket.frame())
        assert parse_many(frame["cursor"]) == parse_many(welcome["cursor"])
        before = parse_many(welcome["cursor"])
        for place in (0, 1):
            await sync_to_async(three.say)(place)
            frame = await socket.frame()
    stands = parse_many(frame["cursor"])
    moved = {org_id: cursor.position - before[org_id].position for org_id, cursor in stands.items()}
    assert sorted(moved.values()) == [0, 1, 1]
    assert stands[frame["org_id"]].position == frame["position"]


@pytest.mark.second
def test_a_twin_that_is_left_in_the_middle_goes_on_exactly(three, monkeypatch):
    for _ in range(DROPS // 3):
        three.write(6)
    monkeypatch.setattr(answers, "ANSWER", 3_000)
    monkeypatch.setattr(replay_pieces, "PIECE", 2_000)
    client, browser = Literal(), signed_in(three.bob)
    client.cursor = ",".join(f"{org_id}.0.00000000" for org_id in memberships(three.bob))
    more, answered = True, 0
    while more and (answered := answered + 1) < 500:
        found = browser.get("/api/users/me/notifications/", {"after": client.cursor}).json()
        client.resets += found["replay"]["mode"] != "resume"
        for frame in found["items"][
            : three.chance.randrange(1, 9)
        ]:  # no `cursor` but that of a frame is used
            client.take(frame)
        more = bool(found["items"])
    told = Notification.objects.filter(recipient=three.bob).values_list("event_id", flat=True)
    assert (sorted(client.seen), client.resets) == (sorted(told), 0)


def memberships(person) -> list[int]:
    return list(Membership.objects.filter(user=person).values_list("organization_id", flat=True))
