"""The hub, its logs, rings and readers against a model, in any order of events; the database and the wires are played.

Whatever happens, each socket has been sent a prefix of the log from where it joined, each event once, with the reason
that stands in the row; and once all is quiet, all of it. Where the log itself was set back, whoever is still open
once all is quiet has been sent exactly the log that is there.
"""

import asyncio
import json
from itertools import count
from typing import NamedTuple
from unittest.mock import patch

import pytest
from channels.layers import InMemoryChannelLayer
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from base import messages
from events.models import GENESIS
from inbox.frames import encode
from inbox.org_inboxes import OrgInbox
from inbox.recipients import reason_for
from orgs.models import Membership
from realtime import installation, polling, reads
from realtime.hub import Hub
from realtime.reader import Reader
from tests.waiting import LIMIT

pytestmark = pytest.mark.once  # the layer and the database are its own

ORG = 1
OURS, THEIRS = "the installation", "a copy of it"
USERS = st.sampled_from([11, 12, 13])
LEVELS = st.sampled_from([str(level) for level in Membership.Level])
FATES = st.sampled_from(["arrives", "arrives", "is lost", "comes twice", "is held"])
ANY = st.integers(0, 1000)


class Event(NamedTuple):
    frame: dict
    rows: dict[int, str]
    digest: str

    def appended(self, participants=()) -> messages.AppendedEvent:
        ids = self.frame["position"], self.frame["event_id"], self.frame["actor_id"]
        return messages.AppendedEvent(*ids, self.digest, encode(self.frame), list(participants))


class Database:
    """What the reads would find. `rights` and `tail` answer as of the moment they were asked; when it is slow, the
    answer waits. `lost` are the logs that were there before the log was set back."""

    def __init__(self) -> None:
        self.levels = {11: "all", 12: "all"}
        self.version = 1
        self.log: list[Event] = []
        self.lost: list[list[Event]] = []
        self.numbers = count(1)
        self.quick = asyncio.Event()
        self.quick.set()

    @property
    def head(self) -> int:
        return len(self.log)

    def digest(self, position: int) -> str | None:
        if position > self.head:
            return None
        return self.log[position - 1].digest if position else GENESIS

    def set_back(self, position: int) -> None:
        self.lost.append(list(self.log))
        del self.log[position:]

    async def in_thread(self, read, *args):
        found = getattr(self, read.__name__)(*args)
        await self.quick.wait()
        return found

    def append(self, actor_id, participants) -> dict:
        number, position = next(self.numbers), self.head + 1
        frame = {"type": "task_event", "position": position, "event_id": number, "actor_id": actor_id}
        reasons = {
            user_id: reason_for(user_id, level, actor_id=actor_id, participants=participants)
            for user_id, level in self.levels.items()
        }
        rows = {user_id: reason for user_id, reason in reasons.items() if reason}
        follows = self.digest(self.head)
        self.log.append(Event(frame, rows, f"digest {number}"))
        event = self.log[-1].appended(list(participants.items()))
        said = messages.LogAppended(ORG, self.version, follows, [event]).told()
        return said | {installation.KEY: OURS}

    def message(self, kind: str, **rest) -> dict:
        return {"type": kind, "org_id": ORG, installation.KEY: OURS} | rest

    def standing(self, user_id) -> OrgInbox:
        head, digest = self.head, self.digest(self.head)
        return OrgInbox(ORG, "acme", "Acme", "member", self.levels[user_id], self.version, head, digest, 0)

    def identity(self) -> str:
        return OURS

    def tail(self, org_id, position, user_ids) -> reads.Tail:
        found = self.log[position : position + 3]
        return reads.Tail(
            after=position,
            before=self.digest(position),
            events=[each.appended() for each in found],
            reasons={each.frame["event_id"]: each.rows for each in found},
            levels={user_id: level for user_id, level in self.levels.items() if user_id in user_ids},
            membership_version=self.version,
            more=len(found) == 3,
        )

    def heads(self, org_ids) -> dict[int, reads.Head]:
        return dict.fromkeys(org_ids, reads.Head(self.head, self.digest(self.head), self.version))

    def rights(self, session_keys) -> dict[str, set[int]]:
        return {key: {ORG} & ({ORG} if int(key) in self.levels else set()) for key in session_keys}


class PlayedWire:
    """Takes what it is given until told to be full. A narrow one is full after each write."""

    is_stream = False

    def __init__(self) -> None:
        self.reader: Reader | None = None
        self.stuck_since: float | None = None
        self.narrow = False
        self.frames: list[dict] = []
        self.code: int | None = None

    def write(self, batch) -> None:
        assert self.stuck_since is None, "written to while full"
        assert self.code is None, "written to after the close"
        self.frames += map(json.loads, batch.payloads)
        if self.narrow:
            self.pause()

    def close(self, code) -> None:
        assert self.stuck_since is None
        assert self.code is None, "closed twice"
        self.code = code

    def pause(self) -> None:
        self.stuck_since = 0.0
        if self.reader:
            self.reader.pause()

    def resume(self) -> None:
        self.stuck_since = None
        if self.reader:
            self.reader.resume()


class Client:
    def __init__(self, database: Database, user_id: int, org_id: int | None) -> None:
        self.database, self.user_id = database, user_id
        self.wire = PlayedWire()
        self.reader = Reader(user_id, str(user_id), org_id, self.wire)
        self.standing = database.standing(user_id)
        self.until: int | None = None  # the head when the user was removed
        self.live = False

    def expected(self, log: list[Event]) -> list[tuple[int, str | None]]:
        """Numbers of events with reasons; nothing of a log that does not go through where it joined."""
        start = self.standing.position
        if start and log[start - 1 : start] and log[start - 1].digest != self.standing.digest:
            return []
        until = self.until if log is self.database.log else None
        told = [(each.frame["event_id"], each.rows.get(self.user_id)) for each in log[start:until]]
        return told if self.reader.all_events else [row for row in told if row[1]]

    def sent(self) -> list[tuple[int, str | None]]:
        events = [frame for frame in self.wire.frames if frame["type"] == "task_event"]
        return [
            (frame["event_id"], frame["notification"] and frame["notification"]["reason"]) for frame in events
        ]

    def has_a_prefix(self) -> bool:
        sent = self.sent()
        logs = [self.database.log, *self.database.lost]
        return any(sent == self.expected(log)[: len(sent)] for log in logs)


class HubMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.failures: list[dict] = []
        self.loop.set_exception_handler(lambda _, failure: self.failures.append(failure))
        self.run(self.set_up())

    async def set_up(self) -> None:
        self.database, self.layer = Database(), InMemoryChannelLayer()
        self.patches = [
            patch("realtime.hub.logger.warning"),
            patch("realtime.hub.in_thread", self.database.in_thread),
            patch("realtime.installation.identity", self.database.identity),
            patch("realtime.installation.known", self.database.identity),
            patch("realtime.subscription.get_channel_layer", lambda: self.layer),
            patch("realtime.subscription.RESTART_PAUSE", 0),
            patch("realtime.ring.SIZE", 6),
            patch("realtime.batch.CHUNK", 300),  # two or three frames
        ]
        self.warnings, *_ = [each.start() for each in self.patches]
        self.hub = Hub()
        self.connecting: list[Client] = []
        self.clients: list[Client] = []
        self.gone: list[Client] = []
        self.held: list[dict] = []

    def run(self, work) -> None:
        async def and_settle() -> None:
            await work
            await quiet()

        self.loop.run_until_complete(asyncio.wait_for(and_settle(), LIMIT))

    def teardown(self) -> None:
        try:
            self.run(self.finish())
        finally:
            for client in self.everybody():
                self.hub.leave(client.reader)
            self.run(quiet())
            for each in self.patches:
                each.stop()
            self.loop.close()

    async def finish(self) -> None:
        """Let everything come to rest, then hold every open socket against the log."""
        self.database.quick.set()
        for _ in range(4):
            await quiet()
            for client in self.clients:
                while client.wire.stuck_since is not None:
                    client.wire.resume()
            await polling.poll(self.hub)
            await self.hub.check_rights(list(self.hub.users))
        await quiet()
        for client in self.clients:
            if client.live and client.wire.code is None and client.until is None:
                assert client.sent() == client.expected(self.database.log)
        self.each_socket_has_a_prefix()

    def everybody(self) -> list[Client]:
        return [*self.clients, *self.connecting, *self.gone]

    def some(self, clients: list[Client], number: int) -> Client:
        return clients[number % len(clients)]

    async def say(self, message: dict) -> None:
        await self.layer.group_send(f"org-{ORG}", message)

    # --- The world -----------------------------------------------------------------------------------------

    @rule(actor=USERS, told=st.dictionaries(USERS, st.sampled_from(["assignee", "mentioned"])), fate=FATES)
    def write(self, actor, told, fate) -> None:
        message = self.database.append(actor, told)
        if fate == "is held":
            self.held.append(message)
        elif fate != "is lost":
            for _ in range(2 if fate == "comes twice" else 1):
                self.run(self.say(message))

    @rule(number=st.integers(4, 9))
    def write_many_at_once(self, number) -> None:
        async def burst() -> None:
            for _ in range(number):
                await self.say(self.database.append(11, {}))

        self.run(burst())

    @rule(actor=USERS)
    def write_and_roll_back(self, actor) -> None:
        """Nothing is announced, and the position is given again."""
        self.database.append(actor, {})
        self.database.log.pop()

    @rule(actor=USERS)
    def hear_of_what_a_copy_of_the_installation_wrote(self, actor) -> None:
        """It stands on the same Redis and has the same history so far."""
        message = self.database.append(actor, {})
        self.database.log.pop()
        self.run(self.say(message | {installation.KEY: THEIRS}))
        self.run(
            self.say(
                self.database.message("org.event", payload={"type": "ghost"}, **{installation.KEY: THEIRS})
            )
        )

    @rule(number=ANY, fates=st.lists(FATES, max_size=4))
    def restore_a_backup_or_lose_the_newest(self, number, fates) -> None:
        """Under running servers: the log is set back, and goes on in another way."""
        position = max(0, self.database.head - number % 6)
        self.database.set_back(position)
        for client in self.everybody():
            if client.until is not None:
                client.until = min(client.until, position)
        for fate in fates:
            self.write(13, {}, fate)

    @precondition(lambda self: self.held)
    @rule(order=st.randoms(use_true_random=False))
    def say_what_was_held_in_any_order(self, order) -> None:
        held, self.held = self.held, []
        order.shuffle(held)
        for message in held:
            self.run(self.say(message))

    @rule(user=USERS, level=LEVELS, fate=FATES)
    def change_level(self, user, level, fate) -> None:
        if user in self.database.levels:
            self.membership(user, "changed", fate, lambda: self.database.levels.update({user: level}))

    @rule(user=USERS, fate=FATES)
    def remove(self, user, fate) -> None:
        if user in self.database.levels:
            for client in self.everybody():
                if client.user_id == user and client.until is None:
                    client.until = self.database.head
            self.membership(user, "left", fate, lambda: self.database.levels.pop(user))

    @rule(user=USERS, level=LEVELS, fate=FATES)
    def add(self, user, level, fate) -> None:
        if user not in self.database.levels:
            for (
                client
            ) in self.everybody():  # whoever comes back before the hub noticed stays, and has missed nothing
                if client.user_id == user and (client in self.connecting or ORG in client.reader.places):
                    client.until = None
            self.membership(user, "joined", fate, lambda: self.database.levels.update({user: level}))

    def membership(self, user, change, fate, carry_out) -> None:
        carry_out()
        self.database.version += 1
        message = self.database.message("membership.changed", user_id=user, change=change)
        if fate == "is held":
            self.held.append(message)
        elif fate != "is lost":
            self.run(self.say(message))

    # --- Sockets -------------------------------------------------------------------------------------------

    @initialize(narrow=st.booleans())
    def two_people_are_there(self, narrow) -> None:
        for user in (11, 12):
            self.connect(user, ORG, haste=True)
            self.connect(user, None, haste=True)
        self.clients[0].wire.narrow = narrow

    @rule(user=USERS, org_id=st.sampled_from([ORG, None]), haste=st.booleans())
    def connect(self, user, org_id, haste) -> None:
        """Read, join, go live: at once, or with other things in between."""
        if user in self.database.levels:
            self.connecting.append(Client(self.database, user, org_id))
            if haste:
                self.join(-1)
                self.go_live(-1)

    @precondition(lambda self: self.connecting)
    @rule(number=ANY)
    def join(self, number) -> None:
        async def join() -> None:
            if self.hub.join(client.reader, [client.standing]):
                self.clients.append(client)
            elif client.user_id in self.database.levels:  # read again
                self.connecting.append(Client(self.database, client.user_id, client.reader.org_id))

        client = self.some(self.connecting, number)
        self.connecting.remove(client)
        self.run(join())

    @precondition(lambda self: any(not client.live for client in self.clients))
    @rule(number=ANY)
    def go_live(self, number) -> None:
        async def start() -> None:
            client.live = True
            client.reader.start()

        if waiting := [client for client in self.clients if not client.live]:
            client = self.some(waiting, number)
            self.run(start())

    @precondition(lambda self: self.clients)
    @rule(number=ANY)
    def drop(self, number) -> None:
        async def leave() -> None:
            self.hub.leave(client.reader)

        client = self.some(self.clients, number)
        self.clients.remove(client)
        self.gone.append(client)
        self.run(leave())

    @precondition(lambda self: self.clients)
    @rule(number=ANY, narrow=st.booleans())
    def pause(self, number, narrow) -> None:
        wire = self.some(self.clients, number).wire
        if narrow:
            wire.narrow = True
        elif wire.stuck_since is None:
            wire.pause()

    @precondition(lambda self: self.clients)
    @rule(number=ANY, level=LEVELS, fate=FATES)
    def change_the_level_of_somebody_who_does_not_read(self, number, level, fate) -> None:
        self.pause(number, narrow=False)
        self.write_many_at_once(2)
        self.change_level(self.some(self.clients, number).user_id, level, fate)
        self.write(13, {}, "arrives")
        self.resume(number)

    @precondition(lambda self: self.clients)
    @rule(number=ANY)
    def resume(self, number) -> None:
        async def resume() -> None:
            wire.resume()

        wire = self.some(self.clients, number).wire
        if wire.stuck_since is not None:
            self.run(resume())

    # --- The layer and the database ------------------------------------------------------------------------

    @rule()
    def the_layer_forgets_everything(self) -> None:
        self.run(self.layer.flush())

    @rule()
    def poll(self) -> None:
        if self.database.quick.is_set():
            self.run(polling.poll(self.hub))

    @rule()
    def check_rights(self) -> None:
        if self.database.quick.is_set():
            self.run(self.hub.check_rights(list(self.hub.users)))

    @rule()
    def the_database_becomes_slow_or_quick(self) -> None:
        async def change() -> None:
            quick = self.database.quick
            quick.clear() if quick.is_set() else quick.set()

        self.run(change())

    @rule(
        user=USERS,
        org_id=st.sampled_from([ORG, None]),
        level=LEVELS,
        fates=st.lists(FATES, min_size=2, max_size=2),
    )
    def join_while_the_level_changes(self, user, org_id, level, fates) -> None:
        self.add(user, "all", "is lost")
        self.connecting.append(Client(self.database, user, org_id))
        self.change_level(user, level, fates[0])
        self.write(11, {}, fates[1])
        self.join(-1)
        self.go_live(-1)
        self.write(12, {}, "arrives")

    @rule(user=USERS, org_id=st.sampled_from([ORG, None]), level=LEVELS, behind=st.booleans())
    def join_while_the_log_is_read(self, user, org_id, level, behind) -> None:
        async def fill() -> None:
            for log in self.hub.logs.values():
                self.hub.fill(log)

        self.add(user, "all", "is lost")
        self.connecting.append(Client(self.database, user, org_id))
        self.change_level(user, level, "is lost")
        if behind:
            self.write(11, {}, "is lost")
        self.database.quick.clear()
        self.run(fill())
        self.join(-1)
        self.the_database_becomes_slow_or_quick()
        self.go_live(-1)
        self.write(12, {}, "arrives")

    # --- What always holds ---------------------------------------------------------------------------------

    @invariant()
    def each_socket_has_a_prefix(self) -> None:
        for client in self.everybody():
            assert client.has_a_prefix()

    @invariant()
    def nothing_foreign_is_shown(self) -> None:
        for client in self.everybody():
            assert not any(frame["type"] == "ghost" for frame in client.wire.frames)

    @invariant()
    def nothing_fails_unseen(self) -> None:
        assert self.failures == []
        assert all("is not the one shown" in call.args[0] for call in self.warnings.mock_calls)

    @invariant()
    def the_hub_knows_whom_it_serves(self) -> None:
        assert {client.reader for client in self.clients} == set(self.hub.readers())
        if not self.clients:
            assert not self.hub.logs


async def quiet() -> None:
    """Until everything that can go on without a timer has."""
    for _ in range(30):
        await asyncio.sleep(0)


TestHub = HubMachine.TestCase
TestHub.settings = settings(max_examples=80, stateful_step_count=30)
