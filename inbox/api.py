"""The HTTP twins of the two sockets: the same items with the same cursors, for programs and blocked sockets."""

import msgspec
from django.http import HttpRequest, HttpResponse

from base.answers import reads
from base.errors import NotFound, SignedOut
from inbox.answers import answer
from inbox.frames import encode
from inbox.org_inboxes import counts_by_state, counts_of, org_inbox_called, org_inboxes
from inbox.replay_plan import Ask
from inbox.twins import OrgTwin, Twin, UserTwin
from orgs.frames import NamedOrg, Org
from tokens import scopes


@reads
def org_notifications(request: HttpRequest, slug: str) -> HttpResponse:
    user_id = _user_id(request, scopes.READ)
    place = org_inbox_called(slug, org_inboxes(user_id, by_state=True))
    if place is None:
        raise NotFound
    found = answer(Ask(user_id, [place], _after(request), whole=True))
    return _json(
        OrgTwin(
            user_id=user_id,
            items=[msgspec.Raw(text) for text in found.texts],
            cursor=found.cursor,
            more=found.more,
            replay=found.replay,
            org=Org(place.org_id, place.slug),
            unread=place.unread,
            counts=counts_by_state([place]),
            at={str(place.org_id): place.position},
            revision=place.revision,
        )
    )


@reads
def user_notifications(request: HttpRequest) -> HttpResponse:
    user_id = _user_id(request, scopes.INBOX)
    places = org_inboxes(user_id, by_state=True)
    counts = counts_of(places)
    found = answer(Ask(user_id, places, _after(request), whole=False))
    return _json(
        UserTwin(
            user_id=user_id,
            items=[msgspec.Raw(text) for text in found.texts],
            cursor=found.cursor,
            more=found.more,
            replay=found.replay,
            unread=counts.unread.total,
            counts=counts_by_state(places),
            orgs=counts.unread.orgs,
            organizations=[NamedOrg(place.org_id, place.slug, place.name) for place in places],
            at=counts.at,
            revision=counts.revision,
        )
    )


def _after(request: HttpRequest) -> str | None:
    return request.GET.get("after") or None


def _json(twin: Twin[msgspec.Raw]) -> HttpResponse:
    return HttpResponse(encode(twin), content_type="application/json")


def _user_id(request: HttpRequest, scope: str) -> int:
    if not request.user.is_authenticated:
        raise SignedOut
    scopes.require(request, scope)
    return request.user.pk
