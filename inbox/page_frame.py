"""What the bar and the foot of every page show, in plain values: templates/lists draws them."""

from collections.abc import Sequence
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse
from msgspec import Struct

from inbox.bell import BLANK, BellRow, bell_rows
from inbox.org_inboxes import OrgInbox, total_unread
from inbox.undo_offers import Offer, offered
from orgs.models import User

LAST_VISITED = "organization"  # a cookie with its short name
IN_ALL = {
    "inbox": "inbox:list",
    "bell": "inbox:bell",
    "mark": "inbox:mark",
    "settings": "preferences:page",
    "catch_up": "inbox:catch_up",
    "orgs": "orgs:list",
    "new_org": "orgs:create",
    "invitations": "invitations:list",
    "account": "accounts:profile",
    "administration": "admin:index",
    "sign_out": "logout",
}
MAILBOX = "mailbox:list"  # where mails go nowhere else
IN_ONE = {
    "tasks": "tasks:list",
    "new_task": "tasks:create",
    "board": "tasks:board",
    "history": "tasks:history",
    "members": "orgs:members",
}
_SLUG = "place-of-a-short-name"


class Frame(Struct, frozen=True, kw_only=True):
    """`at`: addresses by name, those of one organization with a place for its short name. `section` and `page` say
    which page it is."""

    at: dict[str, str]
    section: str
    page: str
    user_id: int
    person: str  # the name that people see
    user_name: str
    picture: str = ""
    is_staff: bool
    places: Sequence[OrgInbox]
    current: OrgInbox | None
    unread: int
    bell: Sequence[BellRow] = ()
    bell_unread: int = 0
    offer: Offer | None = None
    blank: BellRow = BLANK


def page_frame(request: HttpRequest, user: User, places: list[OrgInbox]) -> Frame:
    match, bell = request.resolver_match, bell_rows(user.pk, places)
    return Frame(
        at=addresses(get_script_prefix()),
        section=match.namespace if match else "",
        page=(match.url_name if match else None) or "",
        user_id=user.pk,
        person=user.display_name,
        user_name=user.username,
        picture=user.picture,
        is_staff=user.is_staff,
        places=places,
        current=_current(request, places),
        unread=total_unread(places),
        bell=bell,
        bell_unread=sum(1 for row in bell if row.unread),
        offer=offered(request),
    )


@cache
def addresses(_prefix: str) -> dict[str, str]:
    """Reverse all of them, once for each prefix that the product is served below."""
    of_one = {what: reverse(name, args=[_SLUG]).replace(_SLUG, "{}") for what, name in IN_ONE.items()}
    mailbox = {"mailbox": reverse(MAILBOX)} if settings.EMAIL_BACKEND.endswith(".MailboxBackend") else {}
    return {what: reverse(name) for what, name in IN_ALL.items()} | of_one | mailbox


def _current(request: HttpRequest, places: list[OrgInbox]) -> OrgInbox | None:
    """Find the organization that the bar leads about in: the page's own, else the one last visited, which the browser
    tells by a cookie (`static/js/parts/last_visited.js`), else the first."""
    match = request.resolver_match
    for slug in (match.kwargs.get("slug") if match else None, request.COOKIES.get(LAST_VISITED)):
        for place in places:
            if place.slug == slug:
                return place
    return places[0] if places else None
