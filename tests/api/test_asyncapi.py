"""The description of sockets and streams: its examples and real frames fit it."""

import pytest
from asgiref.sync import sync_to_async
from jsonschema import Draft202012Validator

from api.asyncapi import asyncapi
from api.frame_examples import EXAMPLES
from realtime.streams import PATH
from schema.words import PLACES, check
from tests.realtime.event_streams import streamed
from tests.realtime.sockets import opened, org_path, session_cookie, user_path

PLACE_OF = {
    "organizationSocket": "OrgSocketFrame",
    "userSocket": "UserSocketFrame",
    "organizationStream": "OrgStreamFrame",
    "userStream": "UserStreamFrame",
}


def misfits(channel: str, frame: dict) -> list[str]:
    """What the description of the channel has against a frame."""
    document = asyncapi()
    messages = document["channels"][channel]["messages"]
    fitting = [document["components"]["messages"][name] for name in messages]
    refs = [message["payload"] for message in fitting if message["name"] == frame["type"]]
    whole = {"anyOf": refs, "components": document["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(frame)]


@pytest.mark.once
def test_each_example_fits_its_type():
    document = asyncapi()
    for name, message in document["components"]["messages"].items():
        (example,) = message["examples"]
        check(example["payload"], *PLACES)
        whole = message["payload"] | {"components": document["components"]}
        assert not list(Draft202012Validator(whole).iter_errors(example["payload"])), name
    assert document["components"]["messages"].keys() == EXAMPLES.keys()


@pytest.mark.once
def test_each_channel_has_what_its_place_may_say():
    for channel, place in PLACE_OF.items():
        said = asyncapi()["channels"][channel]["messages"].keys() - {"Ping"}
        assert said == {kind.__name__ for kind in PLACES[place]}
    streams = [each for each in asyncapi()["channels"].values() if "stream" in each["address"]]
    assert all(PATH.fullmatch(each["address"].replace("{slug}", "acme")) for each in streams)


async def test_real_frames_of_a_socket_fit(closed_connections, world):
    cookie = await sync_to_async(session_cookie)(world.bob)
    for path, channel in ((org_path("acme"), "organizationSocket"), (user_path(), "userSocket")):
        async with opened(path, cookie) as socket:
            for _ in range(2):
                assert misfits(channel, await socket.frame()) == []


async def test_real_frames_of_a_stream_fit(closed_connections, server, world):
    cookie = f"Cookie: {await sync_to_async(session_cookie)(world.bob)}"
    for path, channel in (
        ("/api/v1/orgs/acme/stream", "organizationStream"),
        ("/api/v1/stream", "userStream"),
    ):
        async with streamed(server, path, cookie) as stream:
            for _ in range(2):
                event = await stream.event()
                assert (event.name, misfits(channel, event.data)) == (event.data["type"], [])
