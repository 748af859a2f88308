"""What is different about a task after more of its events, in a few words each: `Open → Done`, `3 comments`."""

import datetime as dt
from collections.abc import Mapping, Sequence

from events.subjects import Recorded
from tasks.facts import Commented
from tasks.past import Difference, Past, at_version
from tasks.past import differences as compared
from tasks.past_words import in_words
from tasks.statuses import status_label


def differences(events: Sequence[Recorded], before: int, names: Mapping[int, str]) -> list[str]:
    """Compare the fold of the first `before` events with that of all. Raises ValueError where nobody can read them."""
    then, now = at_version(events, before), at_version(events, len(events))
    if now is None:
        return []
    words = _of_new(now, names) if then is None else _of_known(then, now, names)
    comments = sum(1 for event in events[before:] if isinstance(event.fact, Commented))
    if comments:
        words.append("1 comment" if comments == 1 else f"{comments} comments")
    return words or ["changed, and changed back"]


def _of_new(now: Past, names: Mapping[int, str]) -> list[str]:
    """Say of a new task what it came to."""
    state, words = now.state, ["new"]
    if state.status != "open":
        words.append(status_label(state.status))
    if state.assignee_id is not None:
        words.append(f"assigned to {_name(state.assignee_id, names)}")
    if state.due_date is not None:
        words.append(f"due {_day(state.due_date)}")
    if state.archived:
        words.append("archived")
    return words


def _of_known(then: Past, now: Past, names: Mapping[int, str]) -> list[str]:
    found = {difference.field: difference for difference in compared(then, now)}
    return [_said(found[field], names) for field in (*FIRST, *(found.keys() - set(FIRST))) if field in found]


FIRST = (
    "status",
    "assignee_id",
    "due_date",
    "archived",
    "title",
    "description",
)  # in this order, then the rest


def _said(difference: Difference, names: Mapping[int, str]) -> str:
    field, before, after = difference
    match field:
        case "status":
            return f"{status_label(before)} → {status_label(after)}"
        case "assignee_id":
            return f"assigned to {_name(after, names)}" if after else "unassigned"
        case "due_date":
            return _due(before, after)
        case "archived":
            return "archived" if after else "restored"
        case "title":
            return "renamed"
        case "description":
            return "new description"
        case _:
            (change,) = in_words([difference], names)
            return f"{change.label}: {change.before.text} → {change.after.text}"


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
