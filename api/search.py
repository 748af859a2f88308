"""What people wrote, found by its words: titles, descriptions and comments, in the organizations within reach."""

import datetime as dt
from typing import Annotated

import msgspec
from dmr.routing import path
from msgspec import Meta

from api import task_shapes as shapes
from api.asked import unreadable, words_asked
from api.controllers import Resource, operation
from api.paging import Id, Limit
from api.parsing import Query, Strict
from events.models import TaskEvent
from search.finding import found
from tokens import reach
from tokens.scopes import READ


class Sought(Strict):
    """`q`: words, `"words that follow one another"`, or what the last word begins. `org`: a short name; without it
    all organizations are searched."""

    q: Annotated[str, Meta(min_length=1)]
    org: str = ""
    limit: Limit = 50
    before: Id | None = None


class MatchedOrganization(msgspec.Struct, kw_only=True):
    id: int
    slug: str


class Match(msgspec.Struct, kw_only=True):
    """An event in which the words stand, and what it is about. `title` is as it was then; `excerpt` begins what was
    written, and is null where it was nothing but a title."""

    organization: MatchedOrganization
    about: str
    key: str
    number: int
    title: str
    action: str
    excerpt: str | None
    author: shapes.Person
    event_id: int
    position: int
    version: int
    created_at: dt.datetime
    page: str


class MatchPage(msgspec.Struct, kw_only=True):
    """Newest first. `not_searched`: how many events of the logs the search has not seen yet."""

    items: list[Match]
    next: str | None
    not_searched: int


class Search(Resource):
    scope = READ
    also_refused = (404,)

    @operation("search")
    def get(self, parsed_query: Query[Sought]) -> MatchPage:
        """Find what people wrote."""
        asked, text = parsed_query, parsed_query.q.strip()
        if not text:
            raise unreadable("q", "Say what to search for: q has at least one word.")
        within = (
            [reach.membership(self.request, asked.org).organization_id]
            if asked.org
            else reach.organization_ids(self.request)
        )
        with words_asked("q"):
            events, more, not_searched = found(within, text, asked.before, asked.limit)
        after = self.link_next(before=events[-1].pk) if more else None
        return MatchPage(items=[_match(event) for event in events], next=after, not_searched=not_searched)


def _match(event: TaskEvent) -> Match:
    return Match(
        organization=MatchedOrganization(id=event.organization_id, slug=event.organization.slug),
        about=event.about.name,
        key=event.key,
        number=event.task_number,
        title=event.subject,
        action=event.action,
        excerpt=event.body,
        author=shapes.person(event.actor),
        event_id=event.pk,
        position=event.position,
        version=event.version,
        created_at=event.created_at,
        page=event.page,
    )


routes = [path("search", Search.as_view(), name="search")]
