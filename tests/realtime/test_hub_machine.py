"""The hub, its logs, rings and readers against a model, in any order of events; the database and the wires are played.

Whatever happens, each socket has been sent a prefix of the log from where it joined, each event once, with the reason
that stands in the row; and once all is quiet, all of it.
"""

import asyncio
import json
from types import SimpleNamespace
from unittest.mock import patch

from channels.layers import InMemoryChannelLayer
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from inbox.recipients import reason_for
from inbox.standing import Standing
from orgs.models import Membership
from realtime import healing, reads
from realtime.hub import Hub
from realtime.reader import Reader
from tests.waiting import LIMIT

ORG = 1
USERS = st.sampled_from([11, 12, 13])
LEVELS = st.sampled_from([str(level) for level in Membership.Level])
FATES = st.sampled_from(["arrives", "arrives", "is lost", "comes twice", "is held"])
ANY = st.integers(0, 1000)


class Database:
    """What the reads would find. `rights` and `tail` answer as of the moment they were asked; when it is slow, the
    answer waits."""

    def __init__(self) -> None:
        self.levels = {11: "all", 12: "all"}
        self.version = 1
        self.rows: list[dict[int, str]] = []  # by position - 1
        self.frames: list[dict] = []
        self.quick = asyncio.Event()
        self.quick.set()

    @property
    def head(self) -> int:
        return len(self.frames)

    async def in_thread(self, read, *args):
        found = getattr(self, read.__name__)(*args)
        await self.quick.wait()
        return found

    def append(self, actor_id, participants) -> dict:
        position = self.head + 1
        frame = {"type": "task_event", "position": position, "event_id": position * 10, "actor_id": actor_id}
        reasons = {
            user_id: reason_for(user_id, level, actor_id=actor_id, participants=participants)
            for user_id, level in self.levels.items()
        }
        self.frames.append(frame)
        self.rows.append({user_id: reason for user_id, reason in reasons.items() if reason})
        return {"frame": frame, "participants": list(participants.items())}

    def standing(self, user_id) -> Standing:
        return Standing(ORG, "acme", "Acme", "member", self.levels[user_id], self.version, self.head, "", 0)

    def tail(self, org_id, position, user_ids) -> reads.Tail:
        events = [
            SimpleNamespace(position=at, pk=at * 10)
            for at in range(position + 1, min(position + 3, self.head) + 1)
        ]
        return reads.Tail(
            events=events,
            frames=[self.frames[event.position - 1] for event in events],
            reasons={event.pk: self.rows[event.position - 1] for event in events},
            levels={user_id: level for user_id, level in self.levels.items() if user_id in user_ids},
            membership_version=self.version,
            more=len(events) == 3,
        )

    def heads(self, org_ids) -> dict[int, tuple[int, int]]:
        return dict.fromkeys(org_ids, (self.head, self.version))

    def rights(self, session_keys) -> dict[str, set[int]]:
        return {key: {ORG} & ({ORG} if int(key) in self.levels else set()) for key in session_keys}


class PlayedWire:
    """Takes what it is given until told to be full. A narrow one is full after each write."""

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

    def expected(self) -> list[tuple[int, str | None]]:
        end = self.database.head if self.until is None else self.until
        told = [
            (position, self.database.rows[position - 1].get(self.user_id))
            for position in range(self.standing.position + 1, end + 1)
        ]
        return told if self.reader.all_events else [row for row in told if row[1]]

    def sent(self) -> list[tuple[int, str | None]]:
        events = [frame for frame in self.wire.frames if frame["type"] == "task_event"]
        return [
            (frame["position"], frame["notification"] and frame["notification"]["reason"]) for frame in events
        ]


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
            await healing.poll(self.hub)
            await self.hub.check_rights(list(self.hub.users))
        await quiet()
        for client in self.clients:
            if client.live and client.wire.code is None and client.until is None:
                assert client.sent() == client.expected()
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
        event = self.database.append(actor, told)
        version = self.database.version
        message = {"type": "log.appended", "org_id": ORG, "membership_version": version, "events": [event]}
        if fate == "is held":
            self.held.append(message)
        elif fate != "is lost":
            for _ in range(2 if fate == "comes twice" else 1):
                self.run(self.say(message))

    @rule(number=st.integers(4, 9))
    def write_many_at_once(self, number) -> None:
        async def burst() -> None:
            for _ in range(number):
                event = self.database.append(11, {})
                version = self.database.version
                await self.say(
                    {"type": "log.appended", "org_id": ORG, "membership_version": version, "events": [event]}
                )

        self.run(burst())

    @rule(actor=USERS)
    def write_and_roll_back(self, actor) -> None:
        """Nothing is announced, and the position is given again."""
        self.database.append(actor, {})
        self.database.frames.pop()
        self.database.rows.pop()

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
        message = {"type": "membership.changed", "org_id": ORG, "user_id": user, "change": change}
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
            self.run(healing.poll(self.hub))

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
            sent = client.sent()
            assert sent == client.expected()[: len(sent)]

    @invariant()
    def nothing_fails_unseen(self) -> None:
        assert self.failures == []
        assert self.warnings.mock_calls == []

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
TestHub.settings = settings(max_examples=40, stateful_step_count=30)
