"""Server-sent events are cut from bytes as the standard says, however the network cuts them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carillon_client import event_stream
from carillon_client.event_stream import Message, TooLong, messages

WIRE = (
    b'retry: 500\n\nid: 1.7.ab12cd34\nevent: task_event\ndata: {"a":\ndata: 1}\n\n'
    b": still here\n\ndata:x\r\n\r\nid\rdata: last\r\revent: nothing\n\ndata: not ended"
)
READ = [
    Message("1.7.ab12cd34", "task_event", '{"a":\n1}'),
    None,
    Message("1.7.ab12cd34", "message", "x"),
    Message("", "message", "last"),
]


def test_messages_are_cut():
    assert list(messages([WIRE])) == READ


@given(st.lists(st.integers(0, len(WIRE)), max_size=20))
def test_wherever_the_network_cuts(places):
    cuts = [0, *sorted(places), len(WIRE)]
    pieces = [WIRE[start:end] for start, end in itertools.pairwise(cuts)]
    assert list(messages(pieces)) == READ


def test_what_is_no_text_ends_nothing():
    assert list(messages([b"data: \xff\n\n"])) == [Message("", "message", "�")]


@pytest.mark.parametrize("wire", [b"data: " + b"x" * 40, b"data: 12345\n" * 10])
def test_a_message_without_an_end_is_given_up(monkeypatch, wire):
    monkeypatch.setattr(event_stream, "LONGEST", 30)
    with pytest.raises(TooLong):
        list(messages([wire]))
