"""Who takes part in a task, and why an event concerns them. Pure."""

from collections.abc import Iterable

from events.facts import Fact
from events.subjects import OwnReason
from inbox import reasons
from tasks import facts
from tasks.state import TaskState

REACTION = OwnReason("reaction", "reaction to your comment", "wrote the comment")


def participants(
    fact: Fact, before: TaskState | None, after: TaskState, watchers: Iterable[int]
) -> dict[int, str]:
    """Find who takes part: user id -> their strongest reason. The actor may be among them; whoever delivers
    leaves them out. Of what happens to a comment only those whom it is for."""
    match fact:
        case facts.CommentEdited(mentions=mentions):
            return dict.fromkeys(mentions, reasons.MENTIONED)
        case facts.TasksImported(assignees=assignees):
            return dict.fromkeys(assignees, reasons.ASSIGNED)
        case facts.Reacted(author=author, again=again):
            return {} if again else {author: REACTION.code}
    told: dict[int, str] = {}
    for user_ids, reason in (
        (watchers, reasons.WATCHING),
        (after.mentioned, reasons.PARTICIPANT),
        (after.commenters, reasons.PARTICIPANT),
        ([after.creator_id], reasons.CREATOR),
        ([after.assignee_id], reasons.ASSIGNEE),
        ([before.assignee_id] if before and _reassigns(fact) else [], reasons.UNASSIGNED),
        ([after.assignee_id] if _reassigns(fact) else [], reasons.ASSIGNED),
        (getattr(fact, "mentions", []), reasons.MENTIONED),
    ):
        told |= {user_id: reason for user_id in user_ids if user_id is not None}
    return told


def _reassigns(fact: Fact) -> bool:
    return isinstance(fact, facts.AssigneeChanged)
