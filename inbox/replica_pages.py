"""Pages that a replica may answer (`base/replicas.py`): for whom it has all that their reader's browser has changed,
and all that the primary has just said of their logs and inbox, hence all that their open pages have shown."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from django.http import HttpRequest, HttpResponse

from base import replicas
from base.last_writes import last_write
from base.replicas import NotThere
from inbox import visits
from inbox.org_inboxes import OrgInbox, of_request
from inbox.replay_plan import Ask
from inbox.replica_reads import are_held
from orgs.models import Membership
from orgs.pages import SAFE, MemberRequest, MemberView, is_only_a_look

P = ParamSpec("P")

SEARCHES = ("q", "text")  # in an address: the search is written after the log, and follows at its own pace


def replica_may_answer(view: MemberView[P]) -> MemberView[P]:
    """Have a page of an organization, whose membership the primary gave, read from a replica where that has enough.
    What such a page writes, the replica refuses; then it is made anew."""

    @wraps(view)
    def reading(
        request: MemberRequest, membership: Membership, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        def page() -> HttpResponse:
            return view(request, membership, *args, **kwargs)

        return read_page(request, of_request(request), page) if replicas.are_used() else page()

    return reading


def read_page(
    request: MemberRequest, places: list[OrgInbox], page: Callable[[], HttpResponse]
) -> HttpResponse:
    """Make the page from a replica or the primary. `places` are from the primary, and the request's own."""
    since = last_write(request) if _may_be(request) else None
    if since is None:
        return page()
    if not is_only_a_look(request):
        visits.note(request.user.pk, places)  # the replica would not take it
    ask = Ask(request.user.pk, places, None, whole=False)

    def held() -> HttpResponse:
        if not are_held([ask]):
            raise NotThere
        return page()

    found = replicas.answered(held, since=since)
    return page() if found is None else found


def _may_be(request: HttpRequest) -> bool:
    return (
        replicas.are_used() and request.method in SAFE and not any(request.GET.get(name) for name in SEARCHES)
    )
