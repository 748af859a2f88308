"""A task's timeline as its members read it: each comment in its place, as it is or was, with what was said to it. What
happens to a comment is shown on the comment, and no entry of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Max

from events import replaced
from events.audit.changes import texts_before
from events.models import TaskEvent
from events.sentences import names_in, names_of
from events.sizes import fitting
from orgs.models import Membership
from tasks.facts import CommentDeleted, Commented, CommentEdited, Reacted, Unreacted
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


def conversation(
    events: Sequence[TaskEvent], membership: Membership, upto: int | None = None
) -> list[dict[str, Any]]:
    """Make the entries of one task's events, as they were at version `upto`. A comment that was deleted since is not
    shown in the past either."""
    comments = [event for event in events if isinstance(event.fact, Commented)]
    shown = _shown(comments, Prose(membership), membership.user_id, upto)
    on_it = _on(comments)
    entries = timeline(events, names_in(events), "it")
    for entry in entries:
        comment = entry["shown"] = shown.get(entry["event"].pk)
        entry["on_it"] = on_it.get(entry["event"].version, [])
        if comment:
            entry["comment"] = comment.text
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


def _shown(comments: Sequence[TaskEvent], prose: Prose, reader_id: int, upto: int | None) -> dict[int, Shown]:
    if not comments:
        return {}
    now = replaced.newest(comments)
    then = now if upto is None else replaced.newest(comments, upto)
    deleting = TaskEvent.objects.filter(pk__in=now.values(), action=CommentDeleted.action)
    deleted = set(deleting.values_list("pk", flat=True)) if now else set()
    newer = _texts({event_id for event_id in then.values() if event_id not in deleted})
    tallies = _tallies(comments, reader_id, upto or NEWEST)
    found = {}
    for event in comments:
        comment = found[event.pk] = Shown(event.version, is_own=event.actor_id == reader_id)
        source = then.get(event.pk, event.pk)
        comment.is_deleted = now.get(event.pk) in deleted
        comment.is_too_long = source != event.pk and source not in newer
        if comment.is_deleted or comment.is_too_long:
            continue
        said = newer.get(source, event)
        comment.text = said.fact.text  # type: ignore[attr-defined]
        comment.html = None if comment.text is None else prose.html(comment.text)
        comment.edited_at = said.version if said is not event else None
        comment.reactions = tallies.get(event.version, ())
    return found


def _on(comments: Sequence[TaskEvent]) -> dict[int, list[int]]:
    """List the ids of the events that happened to these comments and told somebody, by the comment's version."""
    if not comments:
        return {}
    events = TaskEvent.objects.filter(
        stream_id=comments[0].stream_id,
        action__in=(CommentEdited.action, Reacted.action),
        details__comment__in=[event.version for event in comments],
    )
    found: dict[int, list[int]] = {}
    for version, event_id in events.order_by("pk").values_list("details__comment", "pk"):
        found.setdefault(version, []).append(event_id)
    return found


def _texts(event_ids: Iterable[int]) -> dict[int, TaskEvent]:
    """Load the newest of these events, as far as what was written in them fits on a page."""
    events = TaskEvent.objects.filter(pk__in=event_ids).order_by("-pk")
    count = fitting((size for (size,) in events.sized().values_list(*["octets"])), WRITTEN)
    return {event.pk: event for event in events.readable()[:count]}


def _tallies(comments: Sequence[TaskEvent], reader_id: int, upto: int) -> dict[int, list[Tally]]:
    """Count the reactions to these comments, in the order in which they are offered: by the comment's version."""
    people: dict[tuple[int, str], list[int]] = {}
    for version, reaction, actor_id in _standing(comments, upto):
        people.setdefault((version, reaction), []).append(actor_id)
    names = names_of({actor_id for actors in people.values() for actor_id in actors[:NAMED]})
    tallies: dict[int, list[Tally]] = {}
    for version in {version for version, _ in people}:
        for name, (sign, label) in REACTIONS.items():
            if actors := people.get((version, name)):
                said = _people([names.get(actor_id, "somebody") for actor_id in actors[:NAMED]], len(actors))
                tallies.setdefault(version, []).append(
                    Tally(name, sign, label, len(actors), said, reader_id in actors)
                )
    return tallies


def _standing(comments: Sequence[TaskEvent], upto: int) -> Iterable[tuple[int, str, int]]:
    """Find each reaction that was not taken back: comment's version, name, user id."""
    said = TaskEvent.objects.filter(
        stream_id=comments[0].stream_id,
        action__in=(Reacted.action, Unreacted.action),
        details__comment__in=[event.version for event in comments],
        version__lte=upto,
    ).order_by()
    last = said.values("details__comment", "details__reaction", "actor_id").annotate(last=Max("pk"))
    standing = TaskEvent.objects.filter(pk__in=[row["last"] for row in last], action=Reacted.action)
    return standing.order_by("pk").values_list("details__comment", "details__reaction", "actor_id")


def _people(names: Sequence[str], count: int) -> str:
    """Write `Alice Reyes, Bob Marsh and 3 others`."""
    if count > len(names):
        more = count - len(names)
        return f"{', '.join(names)} and {more} {'other' if more == 1 else 'others'}"
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
