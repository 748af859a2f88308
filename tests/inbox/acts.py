"""The two acts that most tests need, and their undoing."""

from collections.abc import Mapping, Sequence

from inbox import marks
from inbox.marks import Marked, undo
from inbox.states import Act

__all__ = ["mark_all_read", "mark_read", "mark_unread", "undo"]


def mark_read(user_id: int, event_ids: Sequence[int]) -> int:
    return marks.mark(user_id, Act.READ, event_ids).changed


def mark_unread(user_id: int, event_ids: Sequence[int]) -> int:
    return marks.mark(user_id, Act.UNREAD, event_ids).changed


def mark_all_read(user_id: int, up_to: Mapping[int, int], *, reason: str = "") -> Marked:
    return marks.mark_all(user_id, Act.READ, up_to, reason=reason)
