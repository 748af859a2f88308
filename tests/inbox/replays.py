"""Replays of one reader, and read to their ends."""

from collections.abc import Sequence
from typing import Any

import msgspec

from inbox.org_inboxes import OrgInbox
from inbox.replay import Replay, replays
from inbox.replay_pieces import read_on
from inbox.replay_plan import Ask


def org_replay(place: OrgInbox, user_id: int, after: str | None) -> Replay:
    return replays([Ask(user_id, [place], after, whole=True)])[0]


def user_replay(places: Sequence[OrgInbox], user_id: int, after: str | None) -> Replay:
    return replays([Ask(user_id, places, after, whole=False)])[0]


def texts_of(replay: Replay) -> list[bytes]:
    texts = list(replay.begun)
    while len(texts) < len(replay.items):
        (piece,) = read_on([replay.items[len(texts) :]])
        assert piece, "each read brings it further"
        texts += piece
    return texts


def frames_of(replay: Replay) -> list[dict[str, Any]]:
    return [msgspec.json.decode(text) for text in texts_of(replay)]
