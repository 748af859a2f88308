"""What happened to comments after they were written, and is shown on them: edits, a deletion, reactions."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, CharField, IntegerField, QuerySet, UUIDField
from django.db.models.expressions import RawSQL

from base.compiled import Parameter
from base.compiled_lists import CompiledList
from events.models import TaskEvent
from tasks.facts import ON_COMMENTS, CommentDeleted, CommentEdited, Reacted

# Which comment, by its version. What is no number, in a log of another release, is none.
_COMMENT = {
    "postgresql": "CASE jsonb_typeof(events_taskevent.details -> 'comment') WHEN 'number'"
    " THEN (events_taskevent.details ->> 'comment')::bigint END",
    "sqlite": "JSON_EXTRACT(events_taskevent.details, '$.comment')",
}
_REACTION = {
    "postgresql": "events_taskevent.details ->> 'reaction'",
    "sqlite": "JSON_EXTRACT(events_taskevent.details, '$.reaction')",
}


class OnComment(NamedTuple):
    """`comment` is the comment's version, `reaction` a name or None."""

    event_id: int
    version: int
    action: str
    comment: int
    reaction: str | None
    actor_id: int


class OnComments:
    """What happened to the comments of one stretch of a stream, in order."""

    def __init__(self, happened: Iterable[OnComment] = ()) -> None:
        self._happened = tuple(happened)

    def newest_text(self, upto: int) -> dict[int, OnComment]:
        """Find the last edit or deletion of each comment up to a version, by the comment's version."""
        return {
            each.comment: each for each in self._happened if each.action in _OF_TEXTS and each.version <= upto
        }

    def telling(self) -> dict[int, list[int]]:
        """List the ids of the events that told somebody, by the comment's version."""
        found: dict[int, list[int]] = {}
        for each in self._happened:
            if each.action in _TELLING:
                found.setdefault(each.comment, []).append(each.event_id)
        return found

    def reactions(self, upto: int) -> dict[int, dict[str, list[int]]]:
        """Find the reactions that were not taken back: comment's version, name, user ids in order."""
        last = {
            (each.comment, each.reaction, each.actor_id): each
            for each in self._happened
            if each.reaction and each.version <= upto
        }
        found: dict[int, dict[str, list[int]]] = {}
        for each in sorted(last.values()):
            if each.action == Reacted.action and each.reaction:
                found.setdefault(each.comment, {}).setdefault(each.reaction, []).append(each.actor_id)
        return found


def on_comments(comments: Sequence[TaskEvent]) -> OnComments:
    """Ask for what happened to these comments of one stream: one statement, or none."""
    if not comments:
        return OnComments()
    rows = _HAPPENED.rows(
        organization_id=comments[0].organization_id,
        stream_id=comments[0].stream_id,
        first_comment=comments[0].version,
        last_comment=comments[-1].version,
    )
    return OnComments(map(OnComment._make, rows))


_OF_TEXTS = (CommentEdited.action, CommentDeleted.action)
_TELLING = (CommentEdited.action, Reacted.action)


def _happened() -> QuerySet[Any, Any]:
    comment = RawSQL(_COMMENT[connection.vendor], [], output_field=IntegerField())  # noqa: S611 - of our own
    reaction = RawSQL(_REACTION[connection.vendor], [], output_field=CharField())  # noqa: S611
    return (
        TaskEvent.objects.filter(
            organization_id=Parameter("organization_id", BigIntegerField()),
            stream_id=Parameter("stream_id", UUIDField()),
            action__in=ON_COMMENTS,
        )
        .annotate(on=comment, reaction=reaction)
        .filter(
            on__gte=Parameter("first_comment", BigIntegerField()),
            on__lte=Parameter("last_comment", BigIntegerField()),
        )
        .order_by("version")
        .values_list("pk", "version", "action", "on", "reaction", "actor_id")
    )


_HAPPENED = CompiledList(_happened)
