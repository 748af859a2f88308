"""Handshakes are read together: each is answered as if it were alone, and as Django's own sessions answer over HTTP."""

import asyncio
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import DataError, OperationalError
from django.test import Client
from django.utils import timezone
from msgspec import to_builtins

from inbox import replay_plan
from inbox.org_inboxes import joined_cursors, org_inboxes
from orgs.models import FormerShortName, User
from realtime import codes, connecting, reads
from realtime.connecting import BATCH, EACH, WAITING, Connecting
from realtime.reads import Connected, Handshake, Refused, connect
from tests.factories import MembershipFactory, UserFactory
from tests.inbox.replays import frames_of
from tests.waiting import until

pytestmark = pytest.mark.second

# What was missed is read for the person, however they signed in and whichever name they gave: for each kind of person
# with every cursor, for the rest with some.
WITH_EVERY_CURSOR = {"good", "no member", "no organization", "former short name"}
OLD_KEY, NEW_KEY = "old-" * 12, "new-" * 12
REFUSALS = {401: {codes.SIGNED_OUT}, 404: {codes.NOT_A_MEMBER, codes.NO_SUCH_ORGANIZATION}}

# --- Who asks, and from where: every case of a session with every kind of cursor -----------------------------


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def key_of(client: Client) -> str | None:
    cookie = client.cookies.get(django_settings.SESSION_COOKIE_NAME)
    return cookie and cookie.value


def with_cookie(key: str) -> Client:
    client = Client()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = key
    return client


def row(client: Client, **fields) -> Client:
    Session.objects.filter(pk=key_of(client)).update(**fields)
    return client


def member(world, **fields) -> User:
    return MembershipFactory(organization=world.org, user=UserFactory(**fields)).user


@pytest.fixture
def cases(world, settings, monkeypatch) -> dict[str, tuple[Client, str]]:
    """What it is called -> a browser and the organization that it asks for."""
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD_KEY, []
    rotated = signed_in(member(world, username="rotated"))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "forgotten-" * 6, []
    forgotten = signed_in(member(world, username="forgotten"))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [OLD_KEY]
    closed, changed = member(world, username="closed"), member(world, username="changed")
    clients = {
        "good": signed_in(world.bob),
        "the same person elsewhere": signed_in(world.bob),
        "none": Client(),
        "forged": with_cookie("a" * 32),
        "no key at all": with_cookie("x'; DROP TABLE"),
        "tampered": row(signed_in(member(world)), session_data="e30:tampered:with"),
        "expired": row(signed_in(member(world)), expire_date=timezone.now() - timedelta(seconds=1)),
        "closed account": signed_in(closed),
        "password changed": signed_in(changed),
        "key rotated": rotated,
        "key forgotten": forgotten,
        "no member": signed_in(world.eve),
        "no organization": signed_in(UserFactory(username="newcomer")),
    }
    User.objects.filter(pk=closed.pk).update(is_active=False)
    changed.set_password("another")
    changed.save()
    monkeypatch.setattr(replay_plan, "RESUME_LIMIT", 12)
    FormerShortName.objects.create(slug="apex", organization=world.org)
    return {name: (client, "acme") for name, client in clients.items()} | {
        "unknown organization": (signed_in(world.bob), "nowhere"),
        "former short name": (signed_in(world.bob), "apex"),
        "a stranger by a former short name": (signed_in(world.eve), "apex"),
    }


@pytest.fixture
def cursors(world) -> dict[str, str | None]:
    events = world.write(16)
    foreign = joined_cursors(org_inboxes(world.eve.pk))

    def at(event) -> str:
        return f"{world.org.pk}.{event.position}.{event.digest[:8]}"

    return {
        "none": None,
        "good": at(events[9]),
        "nothing missed": at(events[-1]),
        "the beginning": f"{world.org.pk}.0.00000000",
        "too far behind": at(events[1]),
        "ahead": f"{world.org.pk}.999.{events[-1].digest[:8]}",
        "another history": f"{world.org.pk}.{events[9].position}.ffffffff",
        "garbage": "garbage",
        "another organization's": foreign,
        "two": f"{at(events[9])},{foreign}",
    }


def outcome(found: Connected | Refused):
    if isinstance(found, Refused):
        return found.code
    replay = found.replay
    return found.user_id, [*map(str, found.places)], replay.summary(), frames_of(replay)


def agrees(found: Connected | Refused, response) -> bool:
    """Whether the HTTP twin, with Django's session and authentication middleware, says the same."""
    if isinstance(found, Refused):
        return found.code in REFUSALS[response.status_code]
    said = response.json()
    return (said["user_id"], said["cursor"], said["replay"], said["items"], said["unread"]) == (
        found.user_id,
        joined_cursors(found.places),
        to_builtins(found.replay.summary()),
        frames_of(found.replay),
        sum(place.unread for place in found.places),
    )


def test_one_by_one_all_together_and_over_http_are_the_same(cases, cursors):
    table = [
        (f"{name}, {kind}, {slug}", client, Handshake(key_of(client), slug, after))
        for name, (client, org) in cases.items()
        for kind, after in cursors.items()
        for slug in (org, None)
        if name in WITH_EVERY_CURSOR or kind in ("none", "good", "another organization's")
    ]
    together = connect([handshake for _, _, handshake in table])
    for (name, _, handshake), found in zip(table, together, strict=True):
        assert outcome(found) == outcome(connect([handshake])[0]), name
    # Last, because Django's middleware gives whoever comes with a rotated key a new session.
    for (name, client, handshake), found in zip(table, together, strict=True):
        twin = (
            f"/api/orgs/{handshake.slug}/notifications/" if handshake.slug else "/api/users/me/notifications/"
        )
        query = {"after": handshake.after} if handshake.after else {}
        assert agrees(found, client.get(twin, query)), name
    answers = {
        name.split(",")[0] for (name, _, _), found in zip(table, together, strict=True) if found_user(found)
    }
    welcome = {"good", "the same person elsewhere", "key rotated", "no member", "no organization"}
    welcome |= {"unknown organization", "former short name", "a stranger by a former short name"}
    assert answers == welcome  # each at least on the user's own socket


def found_user(found: Connected | Refused) -> int | None:
    return None if isinstance(found, Refused) else found.user_id


def test_the_number_of_queries_does_not_depend_on_the_number_of_handshakes(
    world, cursors, django_assert_num_queries, django_assert_max_num_queries
):
    names = ("none", "good", "nothing missed", "garbage")
    people = [signed_in(member(world)) for _ in range(8)]
    handshakes = [
        Handshake(key_of(person), slug, cursors[name])
        for person in people
        for name in names
        for slug in ("acme", None)
    ]
    assert len(handshakes) == BATCH
    with django_assert_max_num_queries(8):
        assert all(map(found_user, connect(handshakes)))
    with django_assert_num_queries(1):  # nobody at all: only the sessions are looked for
        connect([Handshake("forged", "acme", None)])


# --- Waiting for one another ---------------------------------------------------------------------------------


class Reads:
    """In place of the database: what was asked together, and answers that the test holds back."""

    def __init__(self, monkeypatch) -> None:
        self.batches: list[list[str]] = []
        self.may_answer = asyncio.Event()
        monkeypatch.setattr(connecting, "in_thread", self.in_thread)

    async def in_thread(self, read, handshakes):
        assert read is reads.connect
        names = [handshake.slug for handshake in handshakes]
        self.batches.append(names)
        await self.may_answer.wait()
        if "poison" in names:
            raise DataError("a text that the database does not take")
        if "away" in names:
            raise OperationalError("the server closed the connection")
        return [Refused(codes.NOT_A_MEMBER) if name == "foreign" else answer_to(name) for name in names]


def answer_to(name: str) -> Connected:
    return Connected(sum(map(ord, name)), [], None)


def ask(connecting: Connecting, *names: str, session: str = "") -> list[asyncio.Task]:
    """Each from a session of its own, if none is given."""
    handshakes = [Handshake(session or name, name, None) for name in names]
    return [asyncio.create_task(connecting.read(handshake)) for handshake in handshakes]


async def outcomes(tasks):
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_those_that_come_meanwhile_are_read_together(monkeypatch):
    database, connecting = Reads(monkeypatch), Connecting()
    names = [f"{number}" for number in range(BATCH + 5)]
    first = ask(connecting, "first")
    await until(lambda: database.batches, "the first is read")
    others = ask(connecting, *names)
    await asyncio.sleep(0)
    database.may_answer.set()
    assert await outcomes([*first, *others]) == [answer_to(name) for name in ("first", *names)]
    assert database.batches == [["first"], names[:BATCH], names[BATCH:]]


async def test_whoever_comes_again_and_again_waits_behind_the_others(monkeypatch):
    database, connecting = Reads(monkeypatch), Connecting()
    first = ask(connecting, "first")
    await until(lambda: database.batches, "the first is read")
    noisy = ask(connecting, *["noisy"] * WAITING, session="noisy")
    others = ask(connecting, "one", "two")
    await asyncio.sleep(0)
    database.may_answer.set()
    await outcomes([*first, *noisy, *others])
    assert database.batches[1] == ["noisy", "one", "two", *["noisy"] * (EACH - 1)]
    assert [len(batch) for batch in database.batches[2:]] == [EACH] * (WAITING // EACH - 1)


async def test_too_many_of_one_session_are_refused_and_others_are_not(monkeypatch):
    database, connecting = Reads(monkeypatch), Connecting()
    first = ask(connecting, "first")
    await until(lambda: database.batches, "the first is read")
    noisy = ask(connecting, *["noisy"] * (WAITING + 2), session="noisy")
    other = ask(connecting, "other")
    await asyncio.sleep(0)
    database.may_answer.set()
    answers = await outcomes(noisy)
    assert [error.code for error in answers[WAITING:]] == [codes.TOO_MANY] * 2
    assert not any(isinstance(answer, Refused) for answer in [*answers[:WAITING], *await outcomes(other)])
    await outcomes(first)


async def test_nobody_is_refused_without_a_read(monkeypatch):
    database, connecting = Reads(monkeypatch), Connecting()
    with pytest.raises(Refused) as refused:
        await connecting.read(Handshake(None, "acme", None))
    assert (refused.value.code, database.batches) == (codes.SIGNED_OUT, [])


async def test_after_a_pause_the_next_is_read_at_once(monkeypatch):
    database, connecting = Reads(monkeypatch), Connecting()
    database.may_answer.set()
    for name in ("one", "two"):
        assert await outcomes(ask(connecting, name)) == [answer_to(name)]
    assert database.batches == [["one"], ["two"]]


async def test_a_refusal_and_an_error_of_one_do_not_hurt_the_others(monkeypatch, caplog):
    database, connecting = Reads(monkeypatch), Connecting()
    database.may_answer.set()
    good, foreign, poison, also_good = await outcomes(
        ask(connecting, "good", "foreign", "poison", "also good")
    )
    assert (good, also_good) == (answer_to("good"), answer_to("also good"))
    assert (foreign.code, poison.code) == (codes.NOT_A_MEMBER, codes.FAILED)
    assert len([record for record in caplog.records if record.exc_info]) == 1


async def test_a_database_that_is_away_refuses_all_with_one_line_and_no_second_try(monkeypatch, caplog):
    database, connecting = Reads(monkeypatch), Connecting()
    database.may_answer.set()
    refused = await outcomes(ask(connecting, "one", "away", "two"))
    assert [error.code for error in refused] == [codes.FAILED] * 3
    assert len(database.batches) == 1
    (told,) = (record.getMessage() for record in caplog.records)
    assert told.startswith("Database at ")
    assert await outcomes(ask(connecting, "later")) == [answer_to("later")]


async def test_whoever_gives_up_waiting_leaves_the_others_alone(monkeypatch):
    database, connecting = Reads(monkeypatch), Connecting()
    stays, goes = ask(connecting, "stays", "goes")
    await until(lambda: database.batches, "both are read")
    goes.cancel()
    database.may_answer.set()
    assert await stays == answer_to("stays")
    with pytest.raises(asyncio.CancelledError):
        await goes
