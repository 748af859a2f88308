import pytest

from events.models import GENESIS
from realtime import codes
from realtime import reader as reader_module
from realtime.batch import Batch, one_frame
from realtime.reader import Place, Reader
from realtime.ring import SIZE, Ring
from tests.realtime.test_ring import entry


class Sent:
    """A wire that takes everything until it is told to be full."""

    is_stream = False

    def __init__(self) -> None:
        self.stuck_since = self.reader = self.code = None
        self.batches: list[Batch] = []

    @property
    def ends(self) -> list[int]:
        return [batch.end for batch in self.batches]

    def write(self, batch) -> None:
        self.batches.append(batch)

    def close(self, code) -> None:
        self.code = code

    def pause(self) -> None:
        self.stuck_since = 1.0
        self.reader.pause()

    def resume(self) -> None:
        self.stuck_since = None
        self.reader.resume()


@pytest.fixture
def wire():
    return Sent()


@pytest.fixture
def ring():
    return Ring(0, GENESIS)


@pytest.fixture
def reader(ring, wire):
    """Of an organization's socket, live."""
    reader = Reader(user_id=1, credential="", org_id=1, wire=wire)
    reader.places[1] = Place(ring, 0, "all")
    reader.start()
    return reader


def append(ring, count: int) -> None:
    for _ in range(count):
        ring.append(entry(ring.position + 1))


def test_who_takes_nothing_is_left_where_they_stand_and_gets_the_rest_in_one_write(reader, ring, wire):
    wire.pause()
    append(ring, 40)
    assert not reader.ready
    assert wire.batches == []
    wire.resume()
    assert [len(batch.payloads) for batch in wire.batches] == [40]
    assert reader.places[1].position == 40


def test_who_is_left_behind_the_ring_is_told_4508_once_they_read_on(reader, ring, wire):
    wire.pause()
    append(ring, SIZE + 1)
    wire.resume()
    assert (wire.batches, wire.code) == ([], codes.TOO_SLOW)


def test_frames_that_are_no_events_wait_too_and_come_first(reader, ring, wire):
    wire.pause()
    append(ring, 1)
    notes = [one_frame({"type": "note", "number": number}) for number in range(3)]
    for note in notes:
        reader.control(note)
    wire.resume()
    assert wire.batches[:3] == notes
    assert wire.ends[3:] == [1]


def test_too_many_of_them_end_the_socket(reader, wire, monkeypatch):
    monkeypatch.setattr(reader_module, "CONTROL_LIMIT", 2)
    wire.pause()
    for _ in range(3):
        reader.control(one_frame({"type": "note"}))
    assert wire.code is None, "the close frame needs room, too"
    wire.resume()
    assert (wire.batches, wire.code) == ([], codes.TOO_SLOW)


def test_after_the_close_nothing_is_written_and_the_first_code_holds(reader, ring, wire):
    append(ring, 1)
    reader.close(codes.NOT_A_MEMBER)
    reader.close(codes.TOO_OLD)
    reader.control(one_frame({"type": "note"}))
    wire.resume()
    assert (wire.batches, wire.code) == ([], codes.NOT_A_MEMBER)


def test_a_close_during_the_replay_waits_for_its_end(wire):
    reader = Reader(user_id=1, credential="", org_id=1, wire=wire)
    left = one_frame({"type": "membership"})
    reader.control(left)
    reader.close(codes.SIGNED_OUT)
    assert (wire.batches, wire.code) == ([], None)
    reader.start()
    assert (wire.batches, wire.code) == ([left], codes.SIGNED_OUT)


def test_a_replay_that_went_further_than_the_ring_is_not_repeated():
    """A hint may still be on its way when a reader comes who has read the database beyond it."""
    ring, wire = Ring(5, "digest 5"), Sent()
    reader = Reader(user_id=1, credential="", org_id=1, wire=wire)
    place = reader.places[1] = Place(ring, 7, "all")
    reader.start()
    for position in (6, 7, 8):
        ring.append(entry(position))
        reader.catch_up(place)
    assert wire.ends == [8]
    assert place.position == 8
