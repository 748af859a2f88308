"""A task's timeline as its members read it: each comment in its place, as it is or was, with what was said to it. What
happens to a comment is shown on the comment, and no entry of its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from events import replaced
from events.audit.changes import texts_before
from events.models import TaskEvent
from events.sentences import names_of, user_ids
from events.sizes import fitting
from events.telling import Names
from tasks.facts import CommentDeleted, Commented, CommentEdited
from tasks.on_comments import OnComments, on_comments
from tasks.past_words import ERASED_TEXT, Change, Value, timeline
from tasks.prose import Prose
from tasks.reactions import REACTIONS

WRITTEN = 256 * 1024  # bytes of newer texts on one page
NAMED = 10  # people whom a reaction names
NEWEST = 2**31 - 1


class Tally(NamedTuple):
    """One reaction to one comment. `people` says who, in words."""

    name: str
    sign: str
    label: str
    total: int
    people: str
    is_mine: bool


@dataclass(slots=True)
class Shown:
    """A comment on a page. Without `html` it was erased, or it `is_deleted`, or it `is_too_long` beside the others."""

    version: int
    text: str | None = None
    html: str | None = None
    is_own: bool = False
    is_deleted: bool = False
    is_too_long: bool = False
    edited_at: int | None = None  # the version that gave it this text
    reactions: Sequence[Tally] = ()


def conversation(events: Sequence[TaskEvent], reader: Prose, upto: int | None = None) -> list[dict[str, Any]]:
    """Make the entries of one task's events, as they were at version `upto`. A comment that was deleted since is not
    shown in the past either."""
    comments = [event for event in events if isinstance(event.fact, Commented)]
    happened = on_comments(comments)
    reactions = happened.reactions(upto or NEWEST)
    names = names_of({*_people_in(events), *_reacting(reactions)})
    shown = _shown(comments, happened, reader, upto)
    told = happened.telling()
    entries = timeline(events, names, "it")
    for entry in entries:
        version = entry["event"].version
        comment = entry["shown"] = shown.get(version)
        entry["on_it"] = told.get(version, [])
        if comment:
            entry["comment"] = comment.text
            if not comment.is_deleted and not comment.is_too_long:
                comment.reactions = _tallies(reactions.get(version, {}), names, reader.user_id)
    return entries


def comment_changes(event: TaskEvent) -> list[Change]:
    """Say what an edit made of a comment; nothing where the event is no edit, or the comment was deleted since."""
    if not isinstance(event.fact, CommentEdited):
        return []
    if replaced.taken_away([event]):
        return []
    text = texts_before([event])[event.stream_id, event.version]
    values = (
        Value(ERASED_TEXT, quiet=True) if each is None else Value(each) for each in (text, event.fact.text)
    )
    return [Change("comment", "Comment", *values)]


def _shown(
    comments: Sequence[TaskEvent], happened: OnComments, reader: Prose, upto: int | None
) -> dict[int, Shown]:
    """Make each comment as it is shown, by its version."""
    now = happened.newest_text(NEWEST)
    then = now if upto is None else happened.newest_text(upto)
    deleted = {version for version, each in now.items() if each.action == CommentDeleted.action}
    newer = _texts([each.event_id for each in then.values() if each.comment not in deleted])
    found = {}
    for event in comments:
        comment = found[event.version] = Shown(event.version, is_own=event.actor_id == reader.user_id)
        source = then.get(event.version)
        comment.is_deleted = event.version in deleted
        comment.is_too_long = source is not None and source.event_id not in newer
        if comment.is_deleted or comment.is_too_long:
            continue
        said = newer[source.event_id] if source else event
        comment.text = said.fact.text  # type: ignore[attr-defined]
        comment.html = None if comment.text is None else reader.html(comment.text)
        comment.edited_at = said.version if source else None
    return found


def _texts(event_ids: Sequence[int]) -> dict[int, TaskEvent]:
    """Load the newest of these events, as far as what was written in them fits on a page."""
    if not event_ids:
        return {}
    events = TaskEvent.objects.filter(pk__in=event_ids).order_by("-pk")
    count = fitting((size for (size,) in events.sized().values_list(*["octets"])), WRITTEN)
    return {event.pk: event for event in events.readable()[:count]}


def _people_in(events: Iterable[TaskEvent]) -> set[int]:
    return set().union(*map(user_ids, events))


def _reacting(reactions: Mapping[int, Mapping[str, Sequence[int]]]) -> set[int]:
    """Find whom the reactions name."""
    return {
        actor_id for given in reactions.values() for actors in given.values() for actor_id in actors[:NAMED]
    }


def _tallies(given: Mapping[str, Sequence[int]], names: Names, reader_id: int) -> list[Tally]:
    """Count the reactions to one comment, in the order in which they are offered."""
    return [
        Tally(
            name,
            sign,
            label,
            len(actors),
            _people([names.get(actor_id, "somebody") for actor_id in actors[:NAMED]], len(actors)),
            reader_id in actors,
        )
        for name, (sign, label) in REACTIONS.items()
        if (actors := given.get(name))
    ]


def _people(names: Sequence[str], count: int) -> str:
    """Write `Alice Reyes, Bob Marsh and 3 others`."""
    if count > len(names):
        more = count - len(names)
        return f"{', '.join(names)} and {more} {'other' if more == 1 else 'others'}"
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
