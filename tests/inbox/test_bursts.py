import pytest

from inbox.bursts import who_and_how_many

NAMES = {"b": "Bob Meyer", "c": "Carol Novak", "d": "Dave Okafor", "e": "Bob Meyer"}


@pytest.mark.parametrize(
    ("newest_first", "words"),
    [
        ("", ""),
        ("b", "Bob Meyer"),
        ("bbb", "Bob Meyer, 3 changes"),
        ("bc", "Bob Meyer and Carol Novak"),
        ("cbb", "Carol Novak and Bob Meyer, 3 changes"),
        ("bcd", "Bob Meyer and 2 others"),
        ("b" + "cbd" * 4 + "c", "Bob Meyer and 2 others, 14 changes"),
        ("be", "Bob Meyer and Bob Meyer"),  # two people of one name are two
    ],
)
def test_who_and_how_many(newest_first, words):
    names = {ord(who): name for who, name in NAMES.items()}
    assert who_and_how_many(map(ord, newest_first), names) == words
