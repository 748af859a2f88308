"""Where a reader stands in all of their logs while what they missed goes out to them, frame by frame. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from events.cursors import Cursor
from inbox.frames import with_places


class Standing:
    """`starts`: where the reader stood; `heads`: where each log ends; `got`: the cursors of what goes out, in order.
    Once nothing more of a log is to come, the reader stands at its head: the rest was not addressed to them."""

    def __init__(self, starts: Mapping[int, Cursor], heads: Iterable[Cursor], got: Sequence[Cursor]) -> None:
        self._heads = {cursor.org_id: cursor for cursor in heads}
        self._left = Counter(cursor.org_id for cursor in got)
        self._got = iter(got)
        self._places = {
            org_id: _text(starts.get(org_id, head) if self._left[org_id] else head)
            for org_id, head in self._heads.items()
        }

    @property
    def cursor(self) -> str:
        return b"".join(self._places.values())[1:].decode()

    def told(self, texts: Iterable[bytes]) -> list[bytes]:
        """Let the next frames say where their reader stands with each, if there are several logs."""
        return [self._told(text, next(self._got)) for text in texts]

    def _told(self, text: bytes, cursor: Cursor) -> bytes:
        org_id = cursor.org_id
        self._left[org_id] -= 1
        self._places[org_id] = _text(cursor if self._left[org_id] else self._heads[org_id])
        if len(self._places) == 1:
            return text
        return with_places(text, b"".join(place for other, place in self._places.items() if other != org_id))


def _text(cursor: Cursor) -> bytes:
    return f",{cursor}".encode()
