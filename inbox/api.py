"""The HTTP twins of the two sockets: the same items with the same cursors, for programs and blocked sockets."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from inbox.replay import Replay, org_replay, user_replay
from inbox.standing import joined_cursors, standings, unread_frame
from orgs.errors import DomainError, NotFound


class SignedOut(DomainError):
    code = "signed_out"
    status = 401


@require_GET
def org_notifications(request: HttpRequest, slug: str) -> HttpResponse:
    user_id = _user_id(request)
    place = next((place for place in standings(user_id) if place.slug == slug), None)
    if place is None:
        raise NotFound
    replay = org_replay(place, user_id, request.GET.get("after") or None)
    counts = {"unread": place.unread, "revision": place.revision}
    return JsonResponse(_answer(user_id, replay, str(place.cursor)) | counts)


@require_GET
def user_notifications(request: HttpRequest) -> HttpResponse:
    user_id = _user_id(request)
    places = standings(user_id)
    replay = user_replay(places, user_id, request.GET.get("after") or None)
    frame = unread_frame(places)
    counts = frame | {"unread": frame["unread"]["total"], "orgs": frame["unread"]["orgs"]}
    return JsonResponse(_answer(user_id, replay, joined_cursors(places)) | counts)


def _answer(user_id: int, replay: Replay, cursor: str) -> dict[str, object]:
    return {"user_id": user_id, "items": replay.frames, "cursor": cursor, "replay": replay.summary()}


def _user_id(request: HttpRequest) -> int:
    if not request.user.is_authenticated:
        raise SignedOut("Sign in first.")
    return request.user.pk
