"""docs/protocol.md against the code: keys, actions, reasons, limits and close codes."""

import re

import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.test import AsyncClient
from django.utils import timezone

from events.facts import FACTS, TextsErased
from inbox import answers, mark_views, marks, replay_pieces, replay_plan
from inbox.models import Reason
from inbox.snoozed import wake_snoozed
from inbox.states import VIEWS, Act, State
from realtime import (
    codes,
    connecting,
    consumers,
    door,
    http_limits,
    http_protocol,
    hub,
    joining,
    protocol,
    reader,
    ring,
    throttle,
)
from realtime.management.commands import serve
from tasks.facts import TASK_FACTS
from tasks.subject import TASK
from tests.docs.documents import ROOT, examples_in, first_column, sections_of, text_of
from tests.inbox.acts import mark_read, mark_unread, undo
from tests.realtime.sockets import opened, org_path, session_cookie, user_path

pytestmark = pytest.mark.usefixtures("closed_connections")
PROTOCOL = sections_of("docs/protocol.md")


def shape(value):
    """The keys of a frame, and of the objects within that have keys of their own."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if not key.isdigit()}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


def frames(section: str) -> list:
    return examples_in(PROTOCOL[section])


def test_every_example_is_json():
    assert all(
        frame["type"] == name for name in ("welcome", "task_event", "unread") for frame in frames(name)
    )
    assert [frames(name) for name in ("pong", "membership")] == [
        [{"type": "pong"}],
        [{"type": "membership", "org_id": 1, "change": "changed"}],
    ]


async def test_the_examples_have_the_keys_of_real_frames(world):
    cookie = await sync_to_async(session_cookie)(world.bob)
    for path, welcome in zip((org_path("acme"), user_path()), frames("welcome"), strict=True):
        async with opened(path, cookie) as socket:
            assert shape(await socket.frame()) == shape(welcome)
            event = await socket.frame()
            assert shape({**event, "details": {}}) == shape({**frames("task_event")[0], "details": {}})


async def test_the_examples_of_marks_have_the_keys_of_real_frames(world):
    read, again, snoozed, woken, everything, undone = frames("unread")
    async with opened(user_path(), await sync_to_async(session_cookie)(world.bob)) as socket:
        await socket.frame()
        event_id = (await socket.frame())["event_id"]
        for act, example in ((mark_read, read), (mark_unread, again)):
            await sync_to_async(act)(world.bob.pk, [event_id])
            assert shape(await socket.frame()) == shape(example)
        until = timezone.now() + timezone.timedelta(hours=1)
        await sync_to_async(marks.mark)(world.bob.pk, Act.SNOOZE, [event_id], until=until)
        assert shape(await socket.frame()) == shape(snoozed)
        await sync_to_async(wake_snoozed)(until)
        assert shape(await socket.frame()) == shape(woken)
        everywhere = {world.org.pk: event_id}
        _, mark = await sync_to_async(marks.mark_all)(world.bob.pk, Act.DONE, everywhere, show="unread")
        assert shape(await socket.frame()) == shape(everything)
        await sync_to_async(undo)(world.bob.pk, mark)
        assert shape(await socket.frame()) == shape(undone)


async def test_the_twins_have_the_keys_of_their_examples(world):
    client = AsyncClient()
    await client.aforce_login(world.bob)
    org, mine = examples_in(PROTOCOL["HTTP twins"])
    for url, example in (("/api/orgs/acme/notifications/", org), ("/api/users/me/notifications/", mine)):
        answer = (await client.get(url)).json()
        assert shape({**answer, "items": []}) == shape({**example, "items": []})
        assert {"type", "position"} <= answer["items"][0].keys()
        assert answer["items"][0]["replayed"] is True


def test_every_key_is_explained():
    for section in ("welcome", "task_event", "unread"):
        keys = {key for frame in frames(section) for key in frame} - {"type"}
        keys |= {key for frame in frames(section) for key in frame.get("change", ())}
        assert keys <= set(first_column(PROTOCOL[section])), section


def test_every_action_and_its_details_are_named():
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| (.*) \|$", PROTOCOL["task_event"], re.MULTILINE)
    told = {
        action: set(re.findall(r"`(\w+)`", details.split(":")[0]))
        for actions, details in rows
        for action in re.findall(r"`(\w+)`", actions)
        if action in FACTS
    }
    assert told == {
        action: {field.encode_name for field in msgspec.structs.fields(fact)}
        for action, fact in FACTS.items()
        if fact in (*TASK_FACTS, TextsErased)
    }


def test_every_reason_is_named_strongest_first():
    paragraph = re.search(
        r"^`reason`, strongest first: (.*?)\n\n", PROTOCOL["task_event"], re.MULTILINE | re.DOTALL
    )
    assert re.findall(r"`(\w+)`", paragraph[1]) == Reason.values
    own = re.search(r"^A task has reasons [^:]*: (.*?)\n\n", PROTOCOL["task_event"], re.MULTILINE | re.DOTALL)
    assert re.findall(r"`(\w+)`", own[1]) == [reason.code for reason in TASK.reasons]


def test_every_state_act_and_list_is_named():
    section, twins = PROTOCOL["unread"], PROTOCOL["HTTP twins"]
    states = {state.word for state in State}
    assert {state for frame in frames("unread") for state in frame["counts"]} == states
    assert set(re.findall(r"`(\w+)`", re.search(r"`state` \((.*?)\)", PROTOCOL["task_event"])[1])) == states
    acts = re.search(r"^\| `act` \| (.*?);", section, re.MULTILINE)[1]
    offered = re.search(r"^\| (`read`, .*?) \|", twins, re.MULTILINE)[1]
    for named in (acts, offered):
        assert re.findall(r"`(\w+)`", named) == list(Act)
    lists = re.search(r"`show` is (.*?)\. ", twins)[1]
    assert set(re.findall(r"`(\w+)`", lists)) == set(VIEWS)


def test_every_error_is_named():
    sent = {
        consumers.answer(text).texts[0].split('"code":"')[1].split('"')[0]
        for text in ("[", '{"type":"dance"}')
    }
    assert sent | {"rate_limited"} == set(re.findall(r"`(\w+)`", PROTOCOL["error"].split("`code` is")[1])) - {
        "code"
    }


@pytest.mark.parametrize(
    ("section", "words", "value"),
    [
        ("welcome", "the newest {}, `missed` is 0", replay_plan.LATEST),
        ("welcome", "at most {} missed", replay_plan.RESUME_LIMIT),
        ("To the server", "more than {} messages", throttle.LIMIT),
        ("To the server", "in any {:.0f} seconds", throttle.WINDOW),
        ("To the server", "{} sockets of one user", hub.SOCKETS_PER_USER),
        ("To the server", "{} handshakes of one address", settings.HANDSHAKES_PER_MINUTE),
        ("To the server", "or {} of them waiting", settings.HANDSHAKES_PENDING),
        ("To the server", "more than {} frames", throttle.FRAMES),
        ("To the server", "or more than {} KiB", throttle.BYTES // 1024),
        ("To the server", "within {:.0f} seconds", protocol.ANSWER_SECONDS),
        ("Before a request is answered", "{:.0f} seconds for a whole head", door.HEAD_SECONDS),
        ("Before a request is answered", "{:.0f} seconds for a body", http_protocol.BODY_SECONDS),
        ("Before a request is answered", "each {} KiB of it", http_protocol.BODY_RATE // 1024),
        ("Before a request is answered", "a head over {} KiB", http_limits.HEAD_BYTES // 1024),
        ("Before a request is answered", "or {} lines", http_limits.HEAD_LINES),
        ("Before a request is answered", "a body over {} MiB", http_limits.BODY_BYTES // 1024**2),
        ("Before a request is answered", "{:,} connections", settings.CONNECTIONS),
        ("Before a request is answered", "or {:,} of one address", settings.CONNECTIONS_PER_ADDRESS),
        ("To the server", "{} events", ring.SIZE),
        ("To the server", "{} other frames", reader.CONTROL_LIMIT),
        ("To the server", "nothing read for {:.0f} seconds", reader.SEND_TIMEOUT),
        ("To the server", "{:.0f} to", joining.OLDEST[0] / 3600),
        ("To the server", "to {:.0f} hours", joining.OLDEST[1] / 3600),
        ("To the server", "{} handshakes of one session", connecting.WAITING),
        ("HTTP twins", "at most {})", mark_views.MARK_LIMIT),
        ("HTTP twins", "holds {:.0f} MiB of frames", answers.ANSWER / 2**20),
        ("HTTP twins", "more than {} large answers", answers.AT_A_TIME),
        ("HTTP twins", "of over {:.0f} KiB", replay_pieces.PIECE / 2**10),
        ("Order of checks", "fewer than {} sockets", hub.SOCKETS_PER_USER),
    ],
)
def test_limits_are_as_they_are(section, words, value):
    assert words.format(value) in PROTOCOL[section]


def test_the_largest_frame_is_as_it_is():
    size = re.search(r"ws_max_size=(\d+)", (ROOT / serve.__file__).read_text())[1]
    assert f"a frame over {size} bytes" in PROTOCOL["To the server"]


OF_UVICORN = {1009, 1012}
OURS = {value for name, value in vars(codes).items() if name.isupper() and value >= 4000}


def test_every_close_code_is_in_the_table_and_no_other():
    told = re.findall(r"^\| (\d{4}) \|", PROTOCOL["Close codes"], re.MULTILINE)
    assert {int(code) for code in told} == OURS | OF_UVICORN


def test_the_browser_answers_no_code_that_is_not_in_the_table():
    answered = re.findall(r"^  (\d{4}): ", (ROOT / "static/js/live/close_codes.js").read_text(), re.MULTILINE)
    assert {int(code) for code in answered} <= OURS | OF_UVICORN
    assert len(answered) > 4


@pytest.mark.parametrize(
    "name", ["README.md", "docs/protocol.md", "docs/architecture.md", "docs/exercises.md"]
)
def test_no_document_names_another_code(name):
    named = re.findall(r"\b(4[0-9]\d\d)\b", text_of(name).replace("4096", ""))
    assert {int(code) for code in named} <= OURS
