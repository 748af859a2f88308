"""One answer of the HTTP twins: bounded by bytes, and of large ones only a few at a time for one user."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

from msgspec.structs import replace

from base.errors import TooMany
from events.sizes import fitting
from inbox.frames import ReplaySummary
from inbox.org_inboxes import joined_cursors
from inbox.replay import Replay
from inbox.replay_pieces import Texts
from inbox.replay_plan import Ask
from inbox.replica_reads import read_on, replays
from inbox.standing import Standing

ANSWER = 1024 * 1024  # bytes of frames
AT_A_TIME = 2  # large ones of one user, in one process


class Answer(NamedTuple):
    """`more`: the frames end before the head, because they are large; the rest comes after `cursor`."""

    texts: list[bytes]
    cursor: str
    more: bool
    replay: ReplaySummary


def answer(ask: Ask) -> Answer:
    """Answer an ask. Raises TooMany when the user asks for too much at a time."""
    (replay,) = replays([ask])
    if len(replay.begun) == len(replay.items):
        texts = _standing(ask, replay).told(replay.begun)
        if len(ask.places) == 1 or sum(map(len, texts)) <= ANSWER:
            return Answer(texts, joined_cursors(ask.places), False, replay.summary())
    with one_of_few(ask.user_id):
        return _large(ask, replay)


def _large(ask: Ask, replay: Replay) -> Answer:
    texts = _texts(ask, replay)
    if texts is None:
        replay, texts = Replay("reset", None, [], []), []
    more = len(texts) < len(replay.items)
    standing = _standing(ask, replay)
    texts = standing.told(texts)
    cursor = standing.cursor if more else joined_cursors(ask.places)
    return Answer(texts, cursor, more, replace(replay.summary(), count=len(texts)))


def _standing(ask: Ask, replay: Replay) -> Standing:
    return replay.standing(place.cursor for place in ask.places)


def _texts(ask: Ask, replay: Replay) -> Texts:
    """Read as many frames as fit into one answer, at least one; None where an event is gone. What is resumed can be
    resumed again; the newest few that are given otherwise are read whole, for they have no order in which a part of
    them would do."""
    texts: list[bytes] = list(replay.begun)
    whole = replay.mode != "resume"
    while len(texts) < len(replay.items) and (whole or sum(map(len, texts)) < ANSWER):
        (piece,) = read_on([replay.items[len(texts) :]])
        if piece is None:
            return None
        texts += piece
    told = _standing(ask, replay).told(texts)
    return texts if whole else texts[: fitting(map(len, told), ANSWER)]


_lock = Lock()
_under_way: Counter[int] = Counter()


@contextmanager
def one_of_few(user_id: int) -> Iterator[None]:
    """Hold one of the user's few places for a large answer. Raises TooMany when none is free."""
    with _lock:
        if _under_way[user_id] >= AT_A_TIME:
            raise TooMany("You are sending too many requests at once. Wait for an answer, then try again.")
        _under_way[user_id] += 1
    try:
        yield
    finally:
        with _lock:
            _under_way[user_id] -= 1
            if not _under_way[user_id]:
                del _under_way[user_id]
