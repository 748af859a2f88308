from realtime.reader import Place, Reader
from realtime.ring import Ring
from tests.realtime.test_ring import entry


class Sent:
    """A wire that takes everything."""

    def __init__(self) -> None:
        self.stuck_since = self.reader = None
        self.ends: list[int] = []

    def write(self, batch) -> None:
        self.ends.append(batch.end)


def test_a_replay_that_went_further_than_the_ring_is_not_repeated():
    """A hint may still be on its way when a reader comes who has read the database beyond it."""
    ring, wire = Ring(5), Sent()
    reader = Reader(user_id=1, session_key="", org_id=1, wire=wire)
    place = reader.places[1] = Place(ring, 7, "all")
    reader.start()
    for position in (6, 7, 8):
        ring.append(entry(position))
        reader.catch_up(place)
    assert wire.ends == [8]
    assert place.position == 8
