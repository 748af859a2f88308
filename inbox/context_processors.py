"""What the frame of every page shows: counts, the bell's rows, and where the browser's socket goes on from."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from msgspec import Struct, to_builtins

from events.subjects import SUBJECTS
from inbox import visits
from inbox.bell import BLANK, bell_rows
from inbox.frames import Counts
from inbox.org_inboxes import OrgInbox, counts_of, joined_cursors, of_request, total_unread
from inbox.reasons import labels
from inbox.undo_offers import offered
from orgs.pages import is_only_a_look

LAST_VISITED = "organization"  # a cookie with its short name


class FollowedOrg(Struct):
    """The organization whose log the page follows."""

    id: int
    slug: str
    cursor: str


class NamedOrg(Struct):
    slug: str
    name: str


class Boot(Counts, kw_only=True):
    """What the scripts of a page start from."""

    user_id: int
    cursor: str
    org: FollowedOrg | None
    orgs: dict[str, NamedOrg]  # by id
    reasons: dict[str, str]  # labels
    words: dict[str, Any]  # what subjects bring, such as `statuses`
    login_url: str
    csrf_cookie: str


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.path_info.startswith("/admin/"):
        return {}
    places = of_request(request)
    user_id = int(user.pk)
    if not is_only_a_look(request):
        visits.note(user_id, places)
    bell = bell_rows(user_id, places)
    cursor = joined_cursors(places)
    followed = getattr(request, "followed_org_id", None)
    org = next((place for place in places if place.org_id == followed), None)
    return {
        "org_inboxes": places,
        "current_org": _current(request, places),
        "unread_total": total_unread(places),
        "bell": bell,
        "bell_blank": BLANK,
        "bell_unread": sum(1 for thread in bell if thread.unread),
        "seen": cursor,
        "undo_offer": offered(request),
        "this_page": request.get_full_path(),
        "boot": to_builtins(_boot(user_id, places, org)),
    }


def _current(request: HttpRequest, places: list[OrgInbox]) -> OrgInbox | None:
    """Find the organization that the bar leads about in: the page's own, else the one last visited, which the browser
    tells by a cookie (`static/js/parts/last_visited.js`), else the first."""
    match = request.resolver_match
    for slug in (match.kwargs.get("slug") if match else None, request.COOKIES.get(LAST_VISITED)):
        for place in places:
            if place.slug == slug:
                return place
    return places[0] if places else None


def _boot(user_id: int, places: list[OrgInbox], org: OrgInbox | None) -> Boot:
    counts = counts_of(places)
    return Boot(
        unread=counts.unread,
        at=counts.at,
        revision=counts.revision,
        user_id=user_id,
        cursor=joined_cursors(places),
        org=org and FollowedOrg(org.org_id, org.slug, str(org.cursor)),
        orgs={str(place.org_id): NamedOrg(place.slug, place.name) for place in places},
        reasons=labels(),
        words={name: words for subject in SUBJECTS.values() for name, words in subject.boot.items()},
        login_url=resolve_url(settings.LOGIN_URL),
        csrf_cookie=settings.CSRF_COOKIE_NAME,
    )


def follow(request: HttpRequest, org_id: int) -> None:
    """Let the page follow this organization's log from the head as it is now: call it before reading the page's
    list."""
    of_request(request)
    request.followed_org_id = org_id  # type: ignore[attr-defined]
