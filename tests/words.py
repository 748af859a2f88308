"""Every frame, twin and message that a test meets is held against what the schema says of it: nothing missing, nothing
more. Clients of the product are lenient; tests are not."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncClient, Client

from base.announcements import announced
from base.messages import LogAppended, Message, OrgEvent, UserEvent
from schema.words import Unfit, check

TWIN = re.compile(r"/api/(orgs/[^/]+|users/me)/notifications/")
OWN = {"note", "ghost", "heard", "lost", "news"}

# What an event's frame lacks until it is closed for a reader.
UNMARKED = {"notification": None, "replayed": False}


def is_own(frame: dict[str, Any]) -> bool:
    """Whether a test sent it as the server's own code may (docs/protocol.md)."""
    return frame.get("type") in OWN or (frame.get("type") == "task_event" and "position" not in frame)


def checked_frame(path: str, frame: dict[str, Any]) -> dict[str, Any]:
    """What came by the socket with this path."""
    if not is_own(frame):
        check(frame, "UserSocketFrame" if "/users/me/" in path else "OrgSocketFrame")
    return frame


def check_message(message: Message) -> None:
    """What was announced, with the frames in it."""
    check(message.told(), "LayerMessage")
    match message:
        case LogAppended(events=events):
            for event in events:
                check(json.loads(event.frame) | UNMARKED, "OrgSocketFrame")
        case OrgEvent(payload=payload):
            checked_frame("/orgs/", payload)
        case UserEvent(payload=payload):
            checked_frame("/users/me/", payload)


def with_frames(message: Message) -> dict[str, Any]:
    """The message as it crosses the layer, with its frames read."""
    told = message.told()
    for event in told.get("events", ()):
        event["frame"] = json.loads(event["frame"])
    return told


@pytest.fixture(autouse=True)
def checked_messages() -> Iterator[None]:
    """Nothing is announced that the schema does not know. A signal's receiver cannot fail: it is said afterwards."""
    wrong: list[Unfit] = []

    def hear(*, message: Message, **_: Any) -> None:
        try:
            check_message(message)
        except Unfit as unfit:
            wrong.append(unfit)

    announced.connect(hear)
    yield
    announced.disconnect(hear)
    assert not wrong


@pytest.fixture(scope="session", autouse=True)
def checked_twins() -> Iterator[None]:
    """What the test clients are answered by the HTTP twins."""

    def checked(response: HttpResponse) -> HttpResponse:
        is_twin = TWIN.fullmatch(response.request.get("PATH_INFO", ""))
        if is_twin and response.status_code == 200 and response.content:
            check(json.loads(response.content), "TwinAnswer")
        return response

    request, arequest = Client.request, AsyncClient.request

    async def asked(client: AsyncClient, **how: Any) -> HttpResponse:
        return checked(await arequest(client, **how))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", lambda client, **how: checked(request(client, **how)))
        patch.setattr(AsyncClient, "request", asked)
        yield
