"""One comment, folded from its task's events: who wrote it, whom it called, whether it is deleted, who reacted. Pure.

The task's own state holds nothing of it: a command names one comment, and the events that were loaded for the task's
fold tell of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from events.subjects import Recorded
from tasks import facts


@dataclass(slots=True)
class Comment:
    version: int
    author_id: int
    mentioned: set[int]
    revision: int  # the version that gave it its text
    deleted: bool = False
    reactions: set[tuple[int, str]] = field(default_factory=set)  # user id, name
    reacted: set[int] = field(default_factory=set)  # ids of who ever did


def comment_at(events: Iterable[Recorded], version: int) -> Comment | None:
    """Fold what the events of one task tell of the comment of this version; None where there is none."""
    comment = None
    for event in events:
        if event.version == version and isinstance(event.fact, facts.Commented):
            comment = Comment(version, event.actor_id, set(event.fact.mentions), version)
        elif comment is not None and getattr(event.fact, "comment", None) == version:
            _evolve(comment, event)
    return comment


def _evolve(comment: Comment, event: Recorded) -> None:
    match event.fact:
        case facts.CommentEdited(mentions=mentions):
            comment.mentioned |= set(mentions)
            comment.revision = event.version
        case facts.CommentDeleted():
            comment.deleted = True
        case facts.Reacted(reaction=reaction):
            comment.reactions.add((event.actor_id, reaction))
            comment.reacted.add(event.actor_id)
        case facts.Unreacted(reaction=reaction):
            comment.reactions.discard((event.actor_id, reaction))
