"""An organization's log: all of it in pages, where it ends, and one event with what its audit shows."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from django.utils import timezone
from dmr.routing import path
from msgspec import Meta

from accounts.staff import is_open_to
from api import event_audit
from api import task_shapes as shapes
from api.asked import unreadable
from api.controllers import Resource, operation
from api.orgs import OrgPath
from api.paging import Limit
from api.parsing import Path, Query, Strict
from base.errors import NotFound
from events.digests import GENESIS
from events.findings import Scope
from events.models import TaskEvent
from events.saved_heads import current_heads
from events.subjects import known_actions
from inbox.log_pages import log_page
from orgs.access import organization_called
from orgs.models import Membership, Organization
from tokens import reach
from tokens.scopes import AUDIT, READ

CURSOR = r"^[0-9]{1,18}\.[0-9]{1,18}\.[0-9a-f]{8}$"


class LogQuery(Strict):
    """`after`: the cursor of an answer or a frame; without it, the log is read from its first event. `action`: only
    events of that action."""

    after: Annotated[str, Meta(extra_json_schema={"pattern": CURSOR})] | None = None
    limit: Limit = 50
    action: Annotated[str, Meta(extra_json_schema={"enum": known_actions()})] | None = None


class LogPage(msgspec.Struct, kw_only=True):
    """`cursor`: where to go on, now where `more` is true, else later. Positions are dense beyond `archived_upto`; up to
    it, what is missing left for the archive."""

    items: list[shapes.Frame]
    cursor: str
    more: bool
    archived_upto: int


class OfEvent(OrgPath, kw_only=True):
    id: Annotated[int, Meta(ge=0)]


class Whose(Strict):
    """`person`: the user name of whom the answer is to say why they were told; without it, of who asks."""

    person: str = ""


class LogEnd(msgspec.Struct, kw_only=True):
    """Where the log ends. `line` is the same with a signature, as `carillon export_head` writes it: kept elsewhere, it
    proves later what the log was. Null while there is no event."""

    position: int
    digest: str
    cursor: str
    at: dt.datetime
    line: str | None


class Events(Resource):
    scope = READ
    also_refused = (410,)

    @operation("readLog")
    def get(self, parsed_path: Path[OrgPath], parsed_query: Query[LogQuery]) -> LogPage:
        """Read the log in order, at any distance. 410 `another_history` asks to begin anew."""
        member, asked = reach.membership(self.request, parsed_path.slug), parsed_query
        if asked.action and asked.action not in known_actions():
            raise unreadable("action", f"There is no such action. There are {', '.join(known_actions())}.")
        page = log_page(member.organization_id, asked.after, asked.limit, asked.action or "")
        if page.more:
            self.link_next(after=page.cursor)
        items: list[Any] = page.frames
        return LogPage(items=items, cursor=page.cursor, more=page.more, archived_upto=page.archived_upto)


class OneEvent(Resource):
    scope = AUDIT

    @operation("auditEvent")
    def get(self, parsed_path: Path[OfEvent], parsed_query: Query[Whose]) -> event_audit.AuditedEvent:
        """Audit an event: before and after, and why somebody was told of it or not. To auditors of the installation
        also its place in the chain, how it was made, and who was told and has read it."""
        organization, member = _within_reach(self, parsed_path.slug)
        events = TaskEvent.objects.readable().filter(organization_id=organization.pk)
        event = events.filter(pk=parsed_path.id).first()
        if event is None:
            raise NotFound
        may_see_all = is_open_to(self.request)
        asker, name = self.request.user, parsed_query.person.strip()
        about = event_audit.person_of(asker, name, organization, member, may_see_all=may_see_all)
        return event_audit.audited(event, about, asker, may_see_all=may_see_all)


class TheHead(Resource):
    scope = AUDIT

    @operation("getHead")
    def get(self, parsed_path: Path[OrgPath]) -> LogEnd:
        """Say where the log ends."""
        organization, _ = _within_reach(self, parsed_path.slug)
        now = timezone.now().replace(microsecond=0)
        for head in current_heads(Scope(organization.pk), now):
            cursor = f"{organization.pk}.{head.position}.{head.digest[:8]}"
            return LogEnd(
                position=head.position, digest=head.digest, cursor=cursor, at=head.date, line=head.line()
            )
        return LogEnd(
            position=0, digest=GENESIS, cursor=f"{organization.pk}.0.{GENESIS[:8]}", at=now, line=None
        )


def _within_reach(resource: Resource, slug: str) -> tuple[Organization, Membership | None]:
    """Find an organization and the membership in it; for an auditor, who need not be a member, any within reach of the
    token."""
    try:
        member = reach.membership(resource.request, slug)
    except NotFound:
        organization = organization_called(slug) if is_open_to(resource.request) else None
        if organization is None or reach.only_organization(resource.request) not in (None, organization.pk):
            raise
        return organization, None
    return member.organization, member


routes = [
    path("orgs/<slug:slug>/events", Events.as_view(), name="events"),
    path("orgs/<slug:slug>/events/<id:id>", OneEvent.as_view(), name="event"),
    path("orgs/<slug:slug>/head", TheHead.as_view(), name="head"),
]
