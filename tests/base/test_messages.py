"""What an older or a newer release says is read for what it is."""

import msgpack
import pytest

from base import messages
from base.messages import AppendedEvent, LogAppended, MembershipChanged, OrgEvent, SessionChanged, UserEvent

EVENT = AppendedEvent(41, 455, 1, "d" * 64, b'{"position":41}', [(2, "assigned"), (3, "watching")])
ALL = [
    LogAppended(1, 7, "c" * 64, [EVENT]),
    OrgEvent(1, {"type": "note"}),
    UserEvent(2, {"type": "note"}),
    MembershipChanged(2, 1, "joined"),
    SessionChanged(2),
]


@pytest.mark.parametrize("message", ALL, ids=lambda message: message.told()["type"])
def test_a_message_crosses_as_it_was(message):
    assert {type(message) for message in ALL} == set(messages.MESSAGES)
    crossed = msgpack.unpackb(msgpack.packb(message.told()))  # as the layer on Redis does it
    assert messages.read(crossed) == message


@pytest.mark.parametrize("message", ALL, ids=lambda message: message.told()["type"])
def test_what_a_newer_release_adds_is_ignored(message):
    told = message.told() | {"installation": "ours", "of_tomorrow": [1]}
    told |= {"events": [event | {"of_tomorrow": 1} for event in told["events"]]} if "events" in told else {}
    assert messages.read(told) == message


@pytest.mark.parametrize("told", [{}, {"type": "of.tomorrow"}, {"type": ["log.appended"]}, {"type": None}])
def test_an_unknown_type_says_nothing(told):
    assert messages.read(told) is None


@pytest.mark.parametrize(
    "change",
    [
        {"events": [{"frame": {"position": 41}, "digest": "d", "participants": []}]},
        {"events": []},
        {"events": None},
        {"org_id": "1"},
        {"membership_version": None},
        {"follows": 7},
    ],
    ids=str,
)
def test_what_does_not_fit_is_unreadable(change):
    with pytest.raises(messages.Unreadable):
        messages.read(ALL[0].told() | change)
