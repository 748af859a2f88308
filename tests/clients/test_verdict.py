"""That the trial sees what an archive lacks, repeats, mixes up or changes."""

import pytest

from tests.clients.verdict import compare


def frame(position, **more):
    cursor = f"1.{position}.00000000"
    return {
        "org_id": 1,
        "position": position,
        "event_id": position + 7,
        "cursor": cursor,
        "sentence": "Said",
    } | more


LOG = [frame(1), frame(2), frame(3)]


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (LOG[:2], "1 missing"),
        ([*LOG, frame(4)], "1 strange"),
        ([*LOG, LOG[2]], "1 doubled"),
        ([LOG[1], LOG[0], LOG[2]], "1 out of order"),
        ([*LOG[:2], frame(3, sentence="Heard")], "1 altered"),
        ([*LOG[:2], frame(3, cursor="1.3.ffffffff")], "1 altered"),
        ([*LOG[:2], frame(3, event_id=99)], "1 strange"),
    ],
)
def test_whatever_differs_is_named(archive, words):
    assert words in str(compare(archive, LOG, whole_cursors=False))


def test_what_depends_on_the_way_is_left_out():
    archive = [frame(1, replayed=True, notification=None, cursor="1.1.00000000,2.5.00000000"), *LOG[1:]]
    assert str(compare(archive, LOG, whole_cursors=True)) == "equal"
