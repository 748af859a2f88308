"""What waits to be sent is bounded, and in order."""

import pytest

from realtime.outbox import Outbox, Outgoing


def message(number: int, size: int = 1) -> Outgoing:
    return Outgoing("org-1", {"number": number}, "here", size)


@pytest.mark.parametrize(
    ("bounds", "sizes", "left", "dropped"),
    [
        ((3, 100), [1, 1, 1], [0, 1, 2], [0, 0, 0]),
        ((3, 100), [1, 1, 1, 1, 1], [2, 3, 4], [0, 0, 0, 1, 1]),
        ((9, 100), [40, 40, 40], [1, 2], [0, 0, 1]),
        ((9, 100), [40, 40, 90], [2], [0, 0, 2]),
        ((9, 100), [40, 500], [1], [0, 1]),
    ],
    ids=["room", "too many", "too large", "two for one", "one larger than all may be"],
)
def test_the_oldest_go_and_the_newest_stays(bounds, sizes, left, dropped):
    outbox = Outbox(*bounds)
    assert [outbox.put(message(number, size)) for number, size in enumerate(sizes)] == dropped
    assert [outbox.take().told["number"] for _ in range(len(outbox))] == left


def test_what_was_taken_or_forgotten_makes_room():
    outbox = Outbox(9, 100)
    for forget in (outbox.take, outbox.clear):
        outbox.put(message(0, 100))
        forget()
        assert len(outbox) == 0
    assert outbox.put(message(1, 100)) == 0
