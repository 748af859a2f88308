"""The way back from the page of something to the list that led there, and on to its neighbours in that list."""

import uuid
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from inbox.listing import neighbours
from orgs.pages import MemberRequest


class WayBack(NamedTuple):
    """`list`, `previous` and `next` are addresses; the latter two are empty at the ends of the list."""

    words: str
    list: str
    previous: str
    next: str
    place: int | None
    total: int


def way_back(request: MemberRequest, stream_id: uuid.UUID) -> WayBack | None:
    """Find it, where the address says what the list was asked for (`inbox=<words>`)."""
    if "inbox" not in request.GET:
        return None
    words = request.GET["inbox"]
    found = neighbours(request.user.pk, words, stream_id)
    here = reverse("inbox:list") + (f"?{urlencode({'q': words})}" if words else "")
    return WayBack(
        words=words,
        list=f"{here}#thread-{stream_id}",
        previous=_opened(found.previous, words),
        next=_opened(found.next, words),
        place=found.place,
        total=found.total,
    )


def _opened(event_id: int | None, words: str) -> str:
    """Write the address that opens a row of the list, which carries the list's words on."""
    return f"{reverse('inbox:open', args=[event_id])}?{urlencode({'q': words})}" if event_id else ""
