"""What the frame of every page shows: counts, the bell's rows, and where the browser's socket goes on from."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url

from events.subjects import SUBJECTS
from inbox.listing import rows_of, with_events
from inbox.newest import Filters, newest
from inbox.org_inboxes import joined_cursors, of_request, total_unread, unread_frame
from inbox.reasons import labels

BELL_ROWS = 6


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.path_info.startswith("/admin/"):
        return {}
    places = of_request(request)
    user_id = int(user.pk)
    newest_ids = newest(user_id, Filters(tuple(place.org_id for place in places)), BELL_ROWS)
    cursor = joined_cursors(places)
    followed = getattr(request, "followed_org_id", None)
    org = next((place for place in places if place.org_id == followed), None)
    return {
        "org_inboxes": places,
        "unread_total": total_unread(places),
        "bell": rows_of(with_events(user_id, newest_ids)),
        "seen": cursor,
        "boot": unread_frame(places)
        | {
            "user_id": user.pk,
            "cursor": cursor,
            "org": org and {"id": org.org_id, "slug": org.slug, "cursor": str(org.cursor)},
            "orgs": {str(place.org_id): {"slug": place.slug, "name": place.name} for place in places},
            "reasons": labels(),
            "login_url": resolve_url(settings.LOGIN_URL),
            "csrf_cookie": settings.CSRF_COOKIE_NAME,
            **{name: words for subject in SUBJECTS.values() for name, words in subject.boot.items()},
        },
    }


def follow(request: HttpRequest, org_id: int) -> None:
    """The page follows this organization's log from the head as it is now: call it before reading the page's list."""
    of_request(request)
    request.followed_org_id = org_id  # type: ignore[attr-defined]
