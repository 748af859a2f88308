"""Who takes part in a task, and why an event concerns them. Pure."""

from collections.abc import Iterable

from events.facts import Fact
from inbox.models import Reason
from tasks import facts
from tasks.state import TaskState


def participants(
    fact: Fact, before: TaskState | None, after: TaskState, watchers: Iterable[int]
) -> dict[int, str]:
    """user id -> the strongest Reason. The actor may be among them; whoever delivers leaves them out."""
    reasons: dict[int, str] = {}
    for user_ids, reason in (
        (watchers, Reason.WATCHING),
        (after.mentioned, Reason.PARTICIPANT),
        (after.commenters, Reason.PARTICIPANT),
        ([after.creator_id], Reason.CREATOR),
        ([after.assignee_id], Reason.ASSIGNEE),
        ([before.assignee_id] if before and _reassigns(fact) else [], Reason.UNASSIGNED),
        ([after.assignee_id] if _reassigns(fact) else [], Reason.ASSIGNED),
        (getattr(fact, "mentions", []), Reason.MENTIONED),
    ):
        reasons |= {user_id: reason.value for user_id in user_ids if user_id is not None}
    return reasons


def _reassigns(fact: Fact) -> bool:
    return isinstance(fact, facts.AssigneeChanged)
