"""What is different about a task after more of its events, in a few words each: `Open → Done`, `3 comments`."""

import datetime as dt
from collections.abc import Mapping, Sequence

from events.subjects import Recorded
from events.telling import listed
from tasks import facts
from tasks.past import Difference, Past, at_version
from tasks.past import differences as compared
from tasks.statuses import status_label


def differences(events: Sequence[Recorded], before: int, names: Mapping[int, str]) -> list[str]:
    """Compare the fold of the first `before` events with that of all. Raises ValueError where nobody can read them."""
    then, now = at_version(events, before), at_version(events, len(events))
    if now is None:
        return []
    words = _of_new(now, names) if then is None else _of_known(then, now, names)
    return [*words, *_of_comments(events, before)] or ["changed, and changed back"]


def _of_comments(events: Sequence[Recorded], before: int) -> list[str]:
    """Count what came of comments: those that were there already can be edited or deleted, and any be reacted to."""
    since = events[before:]
    written = {event.version for event in since if isinstance(event.fact, facts.Commented)}
    edited = {event.fact.comment for event in since if isinstance(event.fact, facts.CommentEdited)}
    deleted = {event.fact.comment for event in since if isinstance(event.fact, facts.CommentDeleted)}
    reactions = {
        given for given in _reactions(events) - _reactions(events[:before]) if given[0] not in deleted
    }
    counts = [
        (len(written - deleted), "comment", ""),
        (len(edited - written - deleted), "comment", " edited"),
        (len(deleted - written), "comment", " deleted"),
        (len(reactions), "reaction", ""),
    ]
    return [f"{count} {what}{'s' * (count > 1)}{done}" for count, what, done in counts if count]


def _reactions(events: Sequence[Recorded]) -> set[tuple[int, int, str]]:
    """Fold the reactions that stand after these events: the comment, who reacted, and how."""
    standing = set[tuple[int, int, str]]()
    for event in events:
        match event.fact:
            case facts.Reacted(comment=comment, reaction=reaction):
                standing.add((comment, event.actor_id, reaction))
            case facts.Unreacted(comment=comment, reaction=reaction):
                standing.discard((comment, event.actor_id, reaction))
    return standing


def _of_new(now: Past, names: Mapping[int, str]) -> list[str]:
    """Say of a new task what it came to."""
    state, words = now.state, ["new"]
    if state.status != "open":
        words.append(status_label(state.status))
    if state.assignee_id is not None:
        words.append(f"assigned to {_name(state.assignee_id, names)}")
    if state.due_date is not None:
        words.append(f"due {_day(state.due_date)}")
    if state.labels:
        words.append(f"labelled {listed(state.labels)}")
    if state.archived:
        words.append("archived")
    return words


def _of_known(then: Past, now: Past, names: Mapping[int, str]) -> list[str]:
    found = {difference.field: difference for difference in compared(then, now)}
    return [_said(found[field], names) for field in FIELDS if field in found]


# In this order.
FIELDS = ("status", "assignee_id", "due_date", "labels", "archived", "title", "description")


def _said(difference: Difference, names: Mapping[int, str]) -> str:
    field, before, after = difference
    match field:
        case "status":
            return f"{status_label(before)} → {status_label(after)}"
        case "assignee_id":
            return f"assigned to {_name(after, names)}" if after else "unassigned"
        case "due_date":
            return _due(before, after)
        case "labels":
            return _labelled(before or [], after or [])
        case "archived":
            return "archived" if after else "restored"
        case "title":
            return "renamed"
        case _:
            return "new description"


def _labelled(before: list[str], after: list[str]) -> str:
    added, removed = (sorted({*one} - {*other}) for one, other in ((after, before), (before, after)))
    words = [f"labelled {listed(added)}"] if added else []
    return ", ".join([*words, f"no longer {listed(removed)}"] if removed else words)


def _due(before: dt.date | None, after: dt.date | None) -> str:
    if after is None:
        return "no due date any more"
    if before is None:
        return f"due {_day(after)}"
    days = abs((after - before).days)
    long = {1: "a day", 7: "a week"}.get(days, f"{days // 7} weeks" if days % 7 == 0 else f"{days} days")
    return f"due {long} {'later' if after > before else 'earlier'}"


def _day(date: dt.date) -> str:
    return f"{date.day} {date:%b}"


def _name(user_id: int, names: Mapping[int, str]) -> str:
    return names.get(user_id, "somebody")
