"""Deliver: a Notification row for every recipient of a save, on its last event, by one INSERT ... SELECT.

Django has no public call for it. Decision 12 says what it saves.
"""

from base.statements import Statement, places
from events.log import EVENT_ID
from events.models import TaskEvent
from inbox.news import News
from inbox.reasons import direct
from inbox.recipients import MUTED

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
    followers, following = _followers(
        news.to_all, [*told], [u for u, reason in told.items() if reason in direct()]
    )
    sql = STATEMENT.format(
        event=EVENT_ID,
        reason=f"CASE user_id {'WHEN %s THEN %s ' * len(told)}ELSE 'org' END" if told else "'org'",
        untold=places(untold),
        followers=followers,
    )
    reasons = [value for pair in told.items() for value in pair]
    here = event.organization_id
    return Statement(sql, [here, event.position, *reasons, here, *untold, *following])


def _followers(to_all: bool, told: list[int], named: list[int]) -> tuple[str, list[int]]:
    """Write which levels let their member hear of it, and the parameters of that. What nobody is meant by is left out:
    it would be asked of each member."""
    conditions, parameters = [], list[int]()
    if to_all:
        conditions.append("level = 'all'")
    if told:
        conditions.append(
            f"level IN ({'' if to_all else _ALL}'participating') AND user_id IN ({places(told)})"
        )
        parameters += told
    if named:
        conditions.append(f"level = 'muted' AND user_id IN ({places(named)})")
        parameters += named
    return " OR ".join(conditions) or "FALSE", parameters


_ALL = "'all', "
