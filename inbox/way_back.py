"""The way back from the page of something to the list that led there, and on to its neighbours in that list."""

import uuid
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from inbox.org_inboxes import of_request
from inbox.query import Query
from inbox.states import State
from inbox.threads import newest_of, page_of, woken
from inbox.wanted import Wanted, wanted
from orgs.pages import MemberRequest

COUNTED = 100  # threads; of more it is said that there are more
WORDS = "inbox"  # what an address calls them


class WayBack(NamedTuple):
    """`list`, `previous` and `next` are addresses; the latter two are empty at the ends of the list."""

    words: str
    list: str
    previous: str
    next: str
    place: int
    total: str


def with_words(address: str, words: str) -> str:
    """Carry a list's words on in the address of something that the list leads to."""
    page, _, fragment = address.partition("#")
    joint = "&" if "?" in page else "?"
    return f"{page}{joint}{urlencode({WORDS: words})}" + (f"#{fragment}" if fragment else "")


def way_back(request: MemberRequest, stream_id: uuid.UUID) -> WayBack | None:
    """Find it, where the address has the words of a list in which the stream is, or was until it was read."""
    if WORDS not in request.GET:
        return None
    words = request.GET[WORDS]
    threads = _threads(request, words, stream_id)
    streams = [thread[0] for thread in threads]
    if stream_id not in streams:
        return None
    here = streams.index(stream_id)
    return WayBack(
        words=words,
        list=f"{reverse('inbox:list')}?{urlencode({'q': words})}#thread-{stream_id}",
        previous=_opened(threads[here - 1][1], words) if here else "",
        next=_opened(threads[here + 1][1], words) if here + 1 < len(threads) else "",
        place=here + 1,
        total=str(len(threads)) if len(threads) < COUNTED else f"{COUNTED - 1}+",
    )


def _threads(request: MemberRequest, words: str, stream_id: uuid.UUID) -> list[tuple[uuid.UUID, int]]:
    """List the newest threads of the list. This one keeps its place there whatever has become of it."""
    places = of_request(request)
    asked = wanted(Query.parse(words), places)
    on_top = newest_of(request.user.pk, asked, woken(request.user.pk, asked))
    apart = {stream for stream, _ in on_top}
    threads = page_of(request.user.pk, asked, apart=apart, limit=COUNTED).threads
    if stream_id not in apart | {stream for stream, _ in threads}:
        anywhere = Wanted(tuple(place.org_id for place in places), frozenset(State))
        threads = [*threads, *newest_of(request.user.pk, anywhere, [stream_id])]
    return [*on_top, *sorted(threads, key=lambda thread: -thread[1])]


def _opened(event_id: int, words: str) -> str:
    """Write the address that opens a row of the list."""
    return f"{reverse('inbox:open', args=[event_id])}?{urlencode({'q': words})}"
