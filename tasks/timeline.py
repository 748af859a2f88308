"""The timeline of a task's page: which stretch of its history is shown, and each entry as its reader sees it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse

from base.address_patterns import address_pattern
from base.numbers import whole_number
from base.templatetags.lists import drawn
from events.models import TaskEvent
from inbox import reasons
from inbox.showing import Told
from orgs.models import Membership
from tasks.conversation import Shown, conversation
from tasks.models import Task
from tasks.past_words import ERASED_TEXT
from tasks.prose import Prose
from tasks.reactions import REACTIONS
from tasks.streams import Stream

LONG = 1_200  # characters of a comment, beyond which it is folded
LONG_LINES = 16
# A reason that is said on the entry; all others are said once, beside the task.
SAID = frozenset({reasons.MENTIONED, reasons.ASSIGNED})

Entry = dict[str, Any]

# Nothing that its reader was told, and nothing that a list of entries says of one.
UNTOLD: Entry = {"unread": [], "is_new": False, "reason": "", "reason_label": "", "begins_new": False}
_BLANK: Entry = UNTOLD | {
    "event": None,
    "events": [],
    "shown": Shown(0, html=""),
    "did": "",
    "is_opened": False,
    "opened_by": None,
    "is_long": False,
    "first": None,
}
# What the scripts make new entries of.
BLANK = {"blank_sentence": [_BLANK | {"is_comment": False}], "blank_comment": [_BLANK | {"is_comment": True}]}


def timeline_shown(query: Mapping[str, str], stream: Stream, last: int, reader: Prose) -> dict[str, Any]:
    """Gather the timeline up to version `last`: the stretch that has the event `event`, or the entries before version
    `before` that fit, or the newest that do. An event that is none of this history's is said to be missing."""
    asked = query.get("event", "")
    opened = stream.version_of(whole_number(asked), last) if asked else None
    before = whole_number(query.get("before")) or 0
    end = min(before - 1, last) if before > 1 else last
    events = stream.around(opened, last) if opened else stream.page(end)
    history = entries(events, reader, opened, last if last < stream.count else None)
    for entry in history:
        if entry["is_opened"] and str(entry["event"].pk) != asked:
            entry["opened_by"] = whole_number(asked)
    return {
        "history": history,
        # None at all where they left for the archive.
        "skipped": events[0].version - 1 if events else 0,
        "oldest": events[0].version if events else 0,
        "newest": events[-1].version if events else 0,
        "later": last - events[-1].version if events else 0,
        "is_event_missing": bool(asked) and opened is None,
    }


def drawing(membership: Membership, number: int, *, can_react: bool) -> dict[str, Any]:
    """Gather what all entries of a task are drawn with. `can_react`: and edit and delete one's own."""
    return {
        "here": reverse("tasks:detail", args=[membership.organization.slug, number]),
        "why": address_pattern("inbox:why"),
        "can_react": can_react,
        "erased_text": ERASED_TEXT,
        "reactions": REACTIONS,
    }


def entries(
    events: Sequence[TaskEvent], reader: Prose, opened: int | None = None, upto: int | None = None
) -> list[Entry]:
    """Make the entries of these events, as they were at version `upto`; `opened` is the version that the reader came
    for."""
    found = conversation(events, reader, upto)
    for entry in found:
        entry["opened_by"] = entry["first"] = None
        entry["is_opened"] = opened in (event.version for event in entry["events"])
        entry["is_long"] = _is_long(entry["comment"] or "")
        entry |= UNTOLD
        entry["did"] = entry["sentence"].removeprefix(entry["event"].actor.display_name)
    return found


def drawn_entries(request: HttpRequest, membership: Membership, task: Task, found: Sequence[Entry]) -> str:
    """Draw entries alone, as the task's page draws them."""
    can_react = membership.can_edit and not task.archived
    around = drawing(membership, task.number, can_react=can_react)
    return drawn("timeline.html", entries=found, csrf_token=get_token(request), **around)


def event_ids(found: Iterable[Entry]) -> list[int]:
    """List the events that these entries show, what happened to their comments included."""
    return [pk for entry in found for pk in (*(event.pk for event in entry["events"]), *entry["on_it"])]


def mark_told(found: Iterable[Entry], told: Iterable[Told], new: frozenset[int] = frozenset()) -> None:
    """Say on each entry what its reader was told of it: what is `unread` still, `is_new` since the last visit. The
    first that is new, with something before it, `begins_new`."""
    by_event = {one.event_id: one for one in told}
    has_begun = False
    for entry in found:
        event = entry["event"]
        one = by_event.get(event.pk)
        ids = event_ids([entry])
        entry["unread"] = [pk for pk in ids if pk in by_event and by_event[pk].unread]
        entry["is_new"] = bool(new.intersection(ids) or entry["unread"])
        entry["reason"] = one.reason if one and one.reason in SAID else ""
        entry["reason_label"] = reasons.labels().get(entry["reason"], "")
        entry["begins_new"] = entry["is_new"] and not has_begun and entry["events"][0].version > 1
        has_begun = has_begun or entry["is_new"]


def _is_long(text: str) -> bool:
    return len(text) > LONG or text.count("\n") >= LONG_LINES
