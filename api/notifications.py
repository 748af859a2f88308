"""The inbox for programs: its lists one by one, as they are and as they were at a moment; why somebody was told of an
event; and how many there are."""

import datetime as dt
from typing import Annotated

import msgspec
from dmr.routing import path

from api.controllers import Resource, operation
from api.notification_items import Item, ItemOrg, item_of, items_of
from api.notification_lists import Named, asked_for
from api.notification_why import why_of
from api.paging import Id, Limit, Page
from api.parsing import Path, Query
from base.errors import NotFound, Unprocessable
from events.models import TaskEvent
from inbox.as_of import as_of, unknown_rows
from inbox.frames import StateCounts
from inbox.log_pages import frames_of
from inbox.one_by_one import page_at, page_of, told_of
from inbox.org_inboxes import (
    OrgInbox,
    counts_by_state,
    joined_cursors,
    of_request,
    revision,
    with_states,
)
from inbox.wanted import Wanted
from tokens.scopes import INBOX

Moment = Annotated[dt.datetime, msgspec.Meta(tz=True, description="A time with its zone.")]


class ListQuery(Named, kw_only=True):
    at: Annotated[Moment | None, msgspec.Meta(description="As the inbox was at this moment.")] = None
    before: Annotated[
        Id | None, msgspec.Meta(description="What is older than this event, as `next` says.")
    ] = None
    limit: Limit = 50


class NotificationList(Page[Item], kw_only=True):
    """`cursor` and `revision` say how far the list knows: what is not in it comes on a stream after that cursor, and
    marks of all of it name the two. `not_searched`: so many of the newest events are not in the search's index yet.

    Of a moment, there are neither; `unknown` counts what may have been in the list, for nothing tells in which state it
    was then (1000: more than 999)."""

    cursor: str | msgspec.UnsetType = msgspec.UNSET
    revision: int | msgspec.UnsetType = msgspec.UNSET
    not_searched: int | msgspec.UnsetType = msgspec.UNSET
    unknown: int | msgspec.UnsetType = msgspec.UNSET


class Notifications(Resource):
    scope = INBOX
    also_refused = (404, 410, 422)

    @operation("listNotifications")
    def get(self, parsed_query: Query[ListQuery]) -> NotificationList:
        """List notifications, newest first."""
        places = of_request(self.request)
        asked, faults = asked_for(parsed_query, places, "query")
        if faults:
            raise Unprocessable("The list cannot be made as it is asked for.", faults)
        if parsed_query.at is not None:
            return self._as_of(parsed_query.at, parsed_query, asked, places)
        page = page_of(self.request.user.pk, asked, parsed_query.before, parsed_query.limit)
        return NotificationList(
            items=items_of(page.told, places),
            next=self._next(page.older),
            cursor=joined_cursors(places),
            revision=revision(places),
            not_searched=asked.not_searched,
        )

    def _as_of(
        self, moment: dt.datetime, query: ListQuery, asked: Wanted, places: list[OrgInbox]
    ) -> NotificationList:
        user_id, then = self.request.user.pk, as_of(moment, asked.org_ids)
        page = page_at(user_id, asked, then, query.before, query.limit)
        return NotificationList(
            items=items_of(page.told, places),
            next=self._next(page.older),
            unknown=unknown_rows(user_id, asked, then),
        )

    def _next(self, older: int | None) -> str | None:
        return None if older is None else self.link_next(before=older)


class EventPath(msgspec.Struct, kw_only=True):
    event_id: int


class OneNotification(Resource):
    scope = INBOX

    @operation("getNotification")
    def get(self, parsed_path: Path[EventPath]) -> Item:
        """Show an event of the user's organizations with what it is to them, and why they were told of it, or not."""
        places = {place.org_id: place for place in of_request(self.request)}
        events = TaskEvent.objects.readable().filter(organization_id__in=places)
        event = events.filter(pk=parsed_path.event_id).first()
        if event is None:
            raise NotFound
        (frame,) = frames_of([event])
        org = ItemOrg.of(places[event.organization_id])
        item = item_of(frame, org, told_of(self.request.user.pk, event.pk))
        item.why = why_of(event, self.request.user)
        return item


class OrgCounts(msgspec.Struct, kw_only=True):
    """`at`: the position in its log that they are exact for."""

    id: int
    slug: str
    name: str
    at: int
    counts: StateCounts


class InboxCounts(msgspec.Struct, kw_only=True):
    """How many notifications are in each state, in all and in each organization; 1000 means more than 999. They know of
    all marks up to `revision`, and of the logs up to `cursor`."""

    counts: StateCounts
    orgs: list[OrgCounts]
    revision: int
    cursor: str


class NotificationCounts(Resource):
    scope = INBOX

    @operation("countNotifications")
    def get(self) -> InboxCounts:
        """Count notifications, by state and organization."""
        places = with_states(self.request)
        return InboxCounts(
            counts=counts_by_state(places),
            orgs=[
                OrgCounts(
                    id=place.org_id,
                    slug=place.slug,
                    name=place.name,
                    at=place.position,
                    counts=counts_by_state([place]),
                )
                for place in places
            ],
            revision=revision(places),
            cursor=joined_cursors(places),
        )


routes = [
    path("notifications", Notifications.as_view(), name="notifications"),
    path("notifications/counts", NotificationCounts.as_view(), name="notification-counts"),
    path("notifications/<id:event_id>", OneNotification.as_view(), name="notification"),
]
