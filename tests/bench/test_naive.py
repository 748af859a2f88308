"""The naive sockets do what they are compared for: they deliver while all is well, and lose when it is not."""

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import InvalidStatus

from base.messages import AppendedEvent, LogAppended
from bench.naive.announce import hints
from bench.naive.server import NaiveServer
from tests.conftest import TRACEBACK
from tests.realtime import sockets
from tests.realtime.sockets import dial, event_frames, frame_from, org_path, session_cookie
from tests.realtime.test_layer_away import comment


@pytest.fixture(autouse=True)
def unchecked(monkeypatch):
    """It says less than the product does."""
    monkeypatch.setattr(sockets, "checked_frame", lambda path, frame: frame)


pytestmark = [
    pytest.mark.second,
    pytest.mark.usefixtures("closed_connections"),
    pytest.mark.xdist_group("naive"),  # one server for all
]


@pytest.fixture(scope="module")
def running_naive(server_environment, tmp_path_factory):
    with NaiveServer(tmp_path_factory.mktemp("naive"), server_environment) as server:
        yield server


@pytest.fixture
def naive(transactional_db, running_naive):
    start = len(running_naive.log)
    yield running_naive
    assert TRACEBACK not in running_naive.log[start:]


async def test_it_delivers_frames_with_positions(naive, world):
    alice, bob = [await sync_to_async(session_cookie)(user) for user in (world.alice, world.bob)]
    async with dial(naive.ws_url, org_path("acme"), bob) as socket:
        assert (await frame_from(socket))["type"] == "welcome"
        assert [frame["replayed"] for frame in await event_frames(socket, 1)] == [True]
        await sync_to_async(comment)(naive, alice)
        (frame,) = await event_frames(socket, 1)
        assert (frame["position"], frame["replayed"]) == (2, False)


async def test_who_was_away_is_shown_the_newest_ten_and_no_more(naive, world):
    await sync_to_async(world.write)(20)
    bob = await sync_to_async(session_cookie)(world.bob)
    async with dial(naive.ws_url, org_path("acme", after="1.1.00000000"), bob) as socket:
        assert [frame["position"] for frame in await event_frames(socket, 10)] == list(range(12, 22))


async def test_who_is_no_member_is_refused(naive, world):
    eve = await sync_to_async(session_cookie)(world.eve)
    with pytest.raises(InvalidStatus):
        async with dial(naive.ws_url, org_path("acme"), eve):
            pass


def test_each_event_is_a_message_of_its_own():
    events = [AppendedEvent(position, 0, 0, "", b'{"position":%d}' % position) for position in (1, 2)]
    message = LogAppended(1, 1, "", events)
    assert [hint["payload"]["position"] for hint in hints(message)] == [1, 2]
