"""What every page has beside its own: its frame, and where the browser's socket goes on from."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from msgspec import Struct, to_builtins

from events.subjects import SUBJECTS
from inbox import visits
from inbox.frames import Counts
from inbox.org_inboxes import OrgInbox, counts_of, joined_cursors, of_request
from inbox.page_frame import page_frame
from inbox.reasons import labels
from inbox.toast_switches import quiet_reasons
from orgs.pages import is_only_a_look


class FollowedOrg(Struct):
    """The organization whose log the page follows."""

    id: int
    slug: str
    cursor: str


class OrgOfPage(Struct):
    """`quiet`: reasons of which no toast is shown."""

    slug: str
    name: str
    quiet: list[str]


class Boot(Counts, kw_only=True):
    """What the scripts of a page start from."""

    user_id: int
    cursor: str
    org: FollowedOrg | None
    orgs: dict[str, OrgOfPage]  # by id
    reasons: dict[str, str]  # labels
    words: dict[str, Any]  # what subjects bring, such as `statuses`
    login_url: str
    csrf_cookie: str
    push: bool  # whether desktop push is set up


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.path_info.startswith("/admin/"):
        return {}
    places = of_request(request)
    user_id = int(user.pk)
    if not is_only_a_look(request):
        visits.note(user_id, places)
    followed = getattr(request, "followed_org_id", None)
    org = next((place for place in places if place.org_id == followed), None)
    frame = page_frame(request, user, places)
    return {
        "frame": frame,
        "this_page": request.get_full_path(),  # empty on the page of an error: it tells of no address
        "org_inboxes": places,
        "unread_total": frame.unread,
        "seen": joined_cursors(places),
        "boot": to_builtins(_boot(user_id, places, org)),
    }


def _boot(user_id: int, places: list[OrgInbox], org: OrgInbox | None) -> Boot:
    counts = counts_of(places)
    return Boot(
        unread=counts.unread,
        at=counts.at,
        revision=counts.revision,
        user_id=user_id,
        cursor=joined_cursors(places),
        org=org and FollowedOrg(org.org_id, org.slug, str(org.cursor)),
        orgs={
            str(place.org_id): OrgOfPage(place.slug, place.name, quiet_reasons(place.toasts))
            for place in places
        },
        reasons=labels(),
        words=_words(),
        login_url=resolve_url(settings.LOGIN_URL),
        csrf_cookie=settings.CSRF_COOKIE_NAME,
        push=bool(settings.PUSH_KEY),
    )


@cache
def _words() -> dict[str, Any]:
    return {name: words for subject in SUBJECTS.values() for name, words in subject.boot.items()}


def follow(request: HttpRequest, org_id: int) -> None:
    """Let the page follow this organization's log from the head as it is now: call it before reading the page's
    list."""
    of_request(request)
    request.followed_org_id = org_id  # type: ignore[attr-defined]
