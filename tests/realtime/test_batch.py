import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from realtime import batch as batch_module
from realtime.batch import Batch, chunked


def parsed(data: bytes) -> list[Frame]:
    """As a client library reads it."""
    stream, frames = StreamReader(), []
    stream.feed_data(data)
    stream.feed_eof()
    while True:
        at_end = stream.at_eof()
        with pytest.raises(StopIteration) as ended:
            next(at_end)
        if ended.value.value:
            return frames
        parsing = Frame.parse(stream.read_exact, mask=False)
        with pytest.raises(StopIteration) as found:
            next(parsing)
        frames.append(found.value.value)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_frames_of_every_length_are_read_back_by_a_client_library(length):
    payloads = [b"x" * length, "größer 💥".encode()]
    frames = parsed(Batch(payloads).data)
    assert [(frame.opcode, frame.fin, bytes(frame.data)) for frame in frames] == [
        (Opcode.TEXT, True, payload) for payload in payloads
    ]


def test_texts_are_the_same_frames():
    assert Batch(["größer 💥".encode(), b"{}"]).texts == ["größer 💥", "{}"]


def test_a_batch_is_a_chunk_at_most_and_knows_where_it_ends(monkeypatch):
    monkeypatch.setattr(batch_module, "CHUNK", 10)
    sizes = {1: 4, 2: 6, 3: 1, 5: 30, 6: 2}
    batches = list(chunked((position, b"x" * size) for position, size in sizes.items()))
    assert [(list(map(len, batch.payloads)), batch.end) for batch in batches] == [
        ([4, 6], 2),
        ([1], 3),
        ([30], 5),
        ([2], 6),
    ]
    assert list(chunked([])) == []


def test_a_slow_client_has_no_more_encoded_than_it_takes(monkeypatch):
    monkeypatch.setattr(batch_module, "CHUNK", 1)
    asked = []

    def payloads():
        for position in range(100):
            asked.append(position)
            yield position, b"x"

    next(iter(chunked(payloads())))
    assert len(asked) == 2
