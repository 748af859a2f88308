"""The HTTP twins of the two sockets: the same items with the same cursors, for programs and blocked sockets."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from base.errors import DomainError, NotFound
from inbox.answers import answer
from inbox.frames import encode
from inbox.org_inboxes import OrgInbox, org_inbox_called, org_inboxes, unread_frame
from inbox.replay_plan import Ask


class SignedOut(DomainError):
    code = "signed_out"
    status = 401


@require_safe
def org_notifications(request: HttpRequest, slug: str) -> HttpResponse:
    user_id = _user_id(request)
    place = org_inbox_called(slug, org_inboxes(user_id))
    if place is None:
        raise NotFound
    here = {
        "org": {"id": place.org_id, "slug": place.slug},
        "unread": place.unread,
        "revision": place.revision,
    }
    return _twin(request, user_id, [place], here, whole=True)


@require_safe
def user_notifications(request: HttpRequest) -> HttpResponse:
    user_id = _user_id(request)
    places = org_inboxes(user_id)
    frame = unread_frame(places)
    counts = frame | {"unread": frame["unread"]["total"], "orgs": frame["unread"]["orgs"]}
    return _twin(request, user_id, places, counts, whole=False)


def _twin(
    request: HttpRequest, user_id: int, places: Sequence[OrgInbox], counts: dict[str, Any], *, whole: bool
) -> HttpResponse:
    found = answer(Ask(user_id, places, request.GET.get("after") or None, whole))
    items = [msgspec.Raw(text) for text in found.texts]
    body = {
        "user_id": user_id,
        "items": items,
        "cursor": found.cursor,
        "more": found.more,
        "replay": found.replay,
    }
    return HttpResponse(encode(body | counts), content_type="application/json")


def _user_id(request: HttpRequest) -> int:
    if not request.user.is_authenticated:
        raise SignedOut("Sign in first.")
    return request.user.pk
