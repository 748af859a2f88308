"""Deliver: a Notification row for every recipient of a save, on its last event, by one INSERT ... SELECT.

Django has no public call for it. Decision 12 says what it saves.
"""

from collections.abc import Collection

from django.db import connection

from events.models import TaskEvent
from inbox.news import News
from inbox.reasons import direct

# `reason_for`, in SQL. Closed accounts are few and have an index of their own: to look up each member's account
# would take as long as the rest.
STATEMENT = """
INSERT INTO inbox_notification (recipient_id, organization_id, event_id, reason)
SELECT user_id, organization_id, %s, {reason}
FROM orgs_membership
WHERE organization_id = %s AND user_id <> %s
AND (
    {followers}
    OR level = 'muted' AND user_id IN ({direct})
)
AND NOT EXISTS (SELECT 1 FROM orgs_user WHERE orgs_user.id = user_id AND NOT is_active)
"""
TO_ALL = "level = 'all' OR level = 'participating' AND user_id IN ({participants})"
TO_PARTICIPANTS = "level IN ('all', 'participating') AND user_id IN ({participants})"


def deliver(event: TaskEvent, news: News) -> int:
    """Insert the notifications of the save that this event is the last of, unread. Runs in the transaction that appends
    it, under its lock. Returns how many there are."""
    statement, parameters = insertion(event, news)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def insertion(event: TaskEvent, news: News) -> tuple[str, list[int | str]]:
    """Build the statement and its parameters: every value is one of them."""
    participants = news.participants
    named = [user_id for user_id, reason in participants.items() if reason in direct()]
    followers = TO_ALL if news.to_all else TO_PARTICIPANTS
    cases = "WHEN %s THEN %s " * len(participants)
    statement = STATEMENT.format(
        reason=f"CASE user_id {cases}ELSE 'org' END" if participants else "'org'",
        followers=followers.format(participants=_places(participants)),
        direct=_places(named),
    )
    reasons = [value for pair in participants.items() for value in pair]
    return statement, [event.pk, *reasons, event.organization_id, event.actor_id, *participants, *named]


def _places(values: Collection[int]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"
