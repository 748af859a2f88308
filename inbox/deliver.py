"""Deliver: a Notification row for every recipient of a save, on its last event, by one INSERT ... SELECT.

Django has no public call for it. Decision 12 says what it saves.
"""

from collections.abc import Collection, Mapping

from base.statements import Statement, places
from events.log import EVENT_ID
from events.models import TaskEvent
from inbox.news import News
from inbox.recipients import MUTED, hears
from orgs import levels

# `reason_for`, in SQL. Closed accounts are few and have an index of their own: to look up each member's account
# would take as long as the rest.
STATEMENT = """
INSERT INTO inbox_notification (recipient_id, organization_id, event_id, reason)
SELECT user_id, organization_id, {event}, {reason}
FROM orgs_membership
WHERE organization_id = %s AND user_id NOT IN ({untold})
AND ({followers})
AND NOT EXISTS (SELECT 1 FROM orgs_user WHERE orgs_user.id = user_id AND NOT is_active)
"""


def delivery(event: TaskEvent, news: News) -> Statement:
    """Make the statement that inserts the notifications of the save that this event is the last of, unread, in the
    transaction that appends it and under its lock. Every value is a parameter."""
    told = {user_id: reason for user_id, reason in news.participants.items() if reason != MUTED}
    untold = [event.actor_id, *(user_id for user_id in news.participants if user_id not in told)]
    followers, following = hearers(told, news.watching, to_all=news.to_all)
    sql = STATEMENT.format(
        event=EVENT_ID,
        reason=f"CASE user_id {'WHEN %s THEN %s ' * len(told)}ELSE 'org' END" if told else "'org'",
        untold=places(untold),
        followers=followers,
    )
    reasons = [value for pair in told.items() for value in pair]
    here = event.organization_id
    return Statement(sql, [here, event.position, *reasons, here, *untold, *following])


def hearers(
    told: Mapping[int, str], watching: Collection[int], *, to_all: bool = True
) -> tuple[str, list[int]]:
    """Write which levels let their member hear of it, and the parameters of that. Levels that let the same people hear
    stand together; where nobody is meant by one it is left out: it would be asked of each member."""
    by_people: dict[tuple[int, ...], list[str]] = {(): [], tuple(told): [] if to_all else [levels.ALL]}
    for level in _LEVELS:
        people = (u for u, reason in told.items() if hears(level, reason, watches=u in watching))
        by_people.setdefault(tuple(people), []).append(level)
    conditions, parameters = [f"level = '{levels.ALL}'"] if to_all else [], list[int]()
    for meant, their in by_people.items():
        if meant and their:
            named = ", ".join(f"'{level}'" for level in their)
            conditions.append(f"level IN ({named}) AND user_id IN ({places(meant)})")
            parameters += meant
    return " OR ".join(conditions) or "FALSE", parameters


_LEVELS = (levels.PARTICIPATING, levels.MINE, levels.WATCHED, levels.MUTED)
