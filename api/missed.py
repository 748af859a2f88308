"""All that was ever addressed to the user, in pages: for programs that keep a copy, and for those that were away for
longer than a stream replays."""

from typing import Annotated

import msgspec
from dmr import Query
from dmr.routing import path

from api.controllers import Resource, operation
from api.notification_items import Item, items_of
from api.parsing import Strict
from inbox.missed_pages import missed_page
from inbox.one_by_one import told_of_each
from inbox.org_inboxes import of_request
from tokens.scopes import INBOX

LIMIT = 100


class MissedQuery(Strict, kw_only=True):
    """`after`: the cursor of the newest item that was got; from the first one on without it."""

    after: Annotated[str, msgspec.Meta(max_length=40_000)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = LIMIT


class Missed(msgspec.Struct, kw_only=True):
    """`more`: ask again with this `cursor`, at once. Otherwise it is where a stream goes on."""

    items: list[Item]
    cursor: str
    more: bool


class MissedResource(Resource):
    scope = INBOX
    also_refused = (410,)

    @operation("listMissed")
    def get(self, parsed_query: Query[MissedQuery]) -> Missed:
        """Read all that is addressed to the user beyond a cursor, over all organizations, the oldest first, however
        far back it is. Each item's cursor is the whole one: whoever sends back the newest gets what follows it. 410
        `another_history` asks to begin anew."""
        places = of_request(self.request)
        page = missed_page(self.request.user.pk, places, parsed_query.after or None, parsed_query.limit)
        told = told_of_each(self.request.user.pk, [event_id for event_id, _ in page.events])
        items, cursors = items_of(told[::-1], places), dict(page.events)
        for item in items:
            item.cursor = cursors[item.event_id]
        return Missed(items=items, cursor=page.cursor, more=page.more)


routes = [path("events", MissedResource.as_view(), name="missed")]
