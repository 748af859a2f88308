"""What was addressed to a user beyond a cursor, in pages, however far back that is: for who keeps a copy. The sockets
and their twins begin anew instead, since a list is quicker read again."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

from base.errors import Fault, Gone, Unreadable
from events.cursors import joined, parse_many
from events.sizes import fitting
from inbox import replay_queries
from inbox.answers import ANSWER
from inbox.models import Notification
from inbox.org_inboxes import OrgInbox, joined_cursors
from inbox.replay_pieces import weight
from inbox.replay_plan import Ask, Plan, plan_for, starts_of

NO_CURSOR = "This is no cursor. Send the cursor of an answer or a frame as it came."
BEGINNING = "0.0.00000000"  # names no organization, so all of each log is beyond it


class AnotherHistory(Gone):
    """The logs do not go through the cursor."""

    code = "another_history"


class MissedPage(NamedTuple):
    """Ids of events, each with where a reader stands who has it, in order; `cursor`: who has all of them. `more`: there
    are others beyond it by now."""

    events: list[tuple[int, str]]
    cursor: str
    more: bool


def missed_page(user_id: int, places: Sequence[OrgInbox], after: str | None, limit: int) -> MissedPage:
    """Find the next events beyond the cursor, the oldest first; from the first on without one. Raises
    AnotherHistory, and Unreadable for what is no cursor."""
    if after and not parse_many(after):
        raise Unreadable(NO_CURSOR, [Fault("query.after", NO_CURSOR)])
    ask = Ask(user_id, places, after or BEGINNING, whole=False)
    plan = plan_for(ask, replay_queries.read_points([ask]))
    if plan.mode != "resume":
        raise AnotherHistory(
            "This cursor is of another history: a backup was restored, or it is another installation's. Drop what you "
            "have kept, leave `after` out, and read from the beginning."
        )
    cut, is_cut = _cut(ask, plan, limit)
    items = replay_queries.Index([(ask, cut)], replay_queries.Rows([(ask, cut)])).items(ask, cut)
    if items is None:
        raise AnotherHistory("The log is being put back from a backup. Ask again in a moment.")
    fits = items[: fitting((weight(item.octets) for item in items), ANSWER)]
    reached = {org_id: cursor for org_id, cursor in starts_of(ask, plan).items() if org_id in _ids(places)}
    events = list[tuple[int, str]]()
    for item in fits:
        reached[item.cursor.org_id] = item.cursor
        events.append((item.event_id, joined(reached.values())))
    more = is_cut or len(fits) < len(items)
    return MissedPage(events, events[-1][1] if more else joined_cursors(places), more)


def _ids(places: Sequence[OrgInbox]) -> set[int]:
    return {place.org_id for place in places}


def _cut(ask: Ask, plan: Plan, limit: int) -> tuple[Plan, bool]:
    """End the spans with the last event of the page. Ids rise with positions in each log, and what is not committed yet
    lies beyond every span: so each log is cut at one place, and nothing before it is left out."""
    spans = [span for span in plan.spans if span.after_id < span.upto_id]
    of_spans = (
        Q(organization_id=span.org_id, event_id__gt=span.after_id, event_id__lte=span.upto_id)
        for span in spans
    )
    rows = Notification.objects.filter(Q(*of_spans, _connector=Q.OR), recipient_id=ask.user_id)
    ids = list(rows.order_by("event_id").values_list("event_id", flat=True)[: limit + 1]) if spans else []
    if len(ids) <= limit:
        return plan, False
    last = ids[limit - 1]
    return plan._replace(spans=[span._replace(upto_id=min(span.upto_id, last)) for span in plan.spans]), True
