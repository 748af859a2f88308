"""What all rows of an inbox page share, in plain values: addresses made once, and the words that its forms carry."""

from collections.abc import Sequence
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from msgspec import Struct

from base.address_patterns import address_pattern
from inbox.org_inboxes import OrgInbox, revision
from inbox.query import Query
from inbox.snooze_times import Choice, choices
from inbox.thread_rows import BLANK, ThreadRow
from inbox.wanted import Wanted


class RowsPage(Struct, frozen=True, kw_only=True):
    """`here` is the page without the menu that it opens, `opens` what goes before such words; `why_at` has a place for
    an event."""

    words: str
    understood: str
    revision: int
    snoozes: Sequence[Choice]
    here: str
    opens: str
    words_in_address: str
    mark_at: str
    mute_at: str
    why_at: str
    blank: ThreadRow = BLANK


def rows_page(request: HttpRequest, query: Query, asked: Wanted, places: list[OrgInbox]) -> RowsPage:
    words = request.GET.get("q", "") or str(query)
    return RowsPage(
        words=words,
        understood=str(asked.understood),
        revision=revision(places),
        snoozes=choices(),
        here=_address_without(request, "menu"),
        opens=_address_without(request, "open", "older", "menu") + "&",
        words_in_address=f"?q={quote(words, safe='')}",
        mark_at=reverse("inbox:mark"),
        mute_at=reverse("inbox:mute"),
        why_at=address_pattern("inbox:why"),
    )


def _address_without(request: HttpRequest, *names: str) -> str:
    """Write the page's address without what these words of it open."""
    words = request.GET.copy()
    for name in names:
        words.pop(name, None)
    return f"{request.path}?{words.urlencode(safe=':')}"
