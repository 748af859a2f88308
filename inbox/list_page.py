"""What stands around the list: its name, the lists and organizations beside it, the chips above it, and what it says
when it is empty. All of them are addresses: words of the one field."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from inbox.org_inboxes import COUNTED, OrgInbox, counts_by_state, total_unread
from inbox.query import Query
from inbox.reasons import ASSIGNED, MENTIONED, ORG
from inbox.states import State
from inbox.wanted import Wanted


@dataclass(frozen=True)
class Link:
    code: str
    label: str
    address: str
    count: int
    is_here: bool


class Empty(NamedTuple):
    icon: str
    heading: str
    text: str
    link: str = ""
    address: str = ""


def address(query: Query) -> str:
    words = str(query)
    return f"{reverse('inbox:list')}{'?' + urlencode({'q': words}) if words else ''}"


VIEWS = {
    "inbox": ("Inbox", ""),
    "unread": ("Unread", "is:unread"),
    "mine": ("Mentions & assigned", f"reason:{MENTIONED} reason:{ASSIGNED}"),
    "saved": ("Saved", "is:saved"),
    "snoozed": ("Snoozed", "is:snoozed"),
    "done": ("Done", "is:done"),
}
CHIPS = {"": "All", MENTIONED: "Mentions", ASSIGNED: "Assigned", "mine": "Mine", ORG: "Everything"}


def view_of(query: Query) -> str:
    """Name the list of VIEWS that it is, or is part of; nothing where it is of several."""
    own = Query(tuple(word for word in query.words if word.kind in ("is", "reason")))
    for code, (_, words) in VIEWS.items():
        if set(own.words) == set(Query.parse(words).words):
            return code
    states = [word.value for word in own.words if word.kind == "is" and not word.negated]
    return states[0] if len(states) == 1 and states[0] in VIEWS else ("" if states else "inbox")


def views(here: str, places: Sequence[OrgInbox], own_unread: int) -> list[Link]:
    """List them with counts, of what is unread and of what was put aside. The places were read `by_state`."""
    states = counts_by_state(list(places))
    unread = total_unread(list(places))
    counts = {"inbox": unread, "unread": unread, "mine": own_unread}
    counts |= {"saved": states.saved, "snoozed": states.snoozed}  # nobody needs to know how much is done
    return [
        Link(code, label, address(Query.parse(words)), counts.get(code, 0), code == here)
        for code, (label, words) in VIEWS.items()
    ]


def organizations(query: Query, places: Sequence[OrgInbox], org_ids: Collection[int]) -> list[Link]:
    """List them by name; one that is chosen leads back to all. `org_ids`: of those that the list is about."""
    chosen = org_ids if query.values("org") else ()
    return [
        Link(
            str(place.org_id),
            place.name,
            address(query.with_only("org", *([] if place.org_id in chosen else [place.slug]))),
            place.unread,
            place.org_id in chosen,
        )
        for place in places
    ]


def chips(query: Query, counts: Mapping[str, int], everything: str) -> list[Link]:
    """List the reasons that filter at once, with how many this list has of each. `everything`: the name of the only
    organization, if it is one."""
    here = " ".join(query.values("reason"))
    mine = sum(n for code, n in counts.items() if code not in (MENTIONED, ASSIGNED, ORG))
    numbers = {"": sum(counts.values()), "mine": mine}
    return [
        Link(
            code,
            f"{label} in {everything}" if code == ORG and everything else label,
            address(query.with_only("reason", *([code] if code else []))),
            min(numbers.get(code, counts.get(code, 0)), COUNTED),
            here == code and not query.values("reason", negated=True),
        )
        for code, label in CHIPS.items()
    ]


def heading_of(query: Query) -> str:
    view = view_of(query)
    return VIEWS[view][0] if view else "Search"


EMPTY = {
    "unread": Empty("check", "Nothing unread", "You have seen everything.", "Show what you have read"),
    "mine": Empty(
        "people",
        "No mentions or assignments",
        "When somebody mentions you or assigns a task to you, it appears here.",
    ),
    "saved": Empty(
        "star",
        "Nothing saved",
        "Save a notification with its star, and it stays here until you take it out.",
    ),
    "snoozed": Empty(
        "clock",
        "Nothing snoozed",
        "Snooze a notification with its clock: it leaves the inbox and comes back unread, on time.",
    ),
    "done": Empty("check", "Nothing done yet", "What you have dealt with and marked done is kept here."),
}
NOTHING_YET = (
    "When somebody changes a task in your organizations, it appears here until you are done with it."
)
NO_ORGANIZATION = "You are not in an organization yet. Make one, or ask a colleague to add you to theirs."
NO_MATCH = "No notification fits these words. Take one away, or look through what is done too: add is:all."


def empty_of(query: Query, *, is_later_page: bool, has_organizations: bool) -> Empty:
    """Say why there is nothing, and what to do."""
    view = view_of(query)
    if is_later_page:
        return Empty("check", "That was all", "There is nothing older.", "To the newest", address(query))
    if not has_organizations:
        where = reverse("orgs:list")
        return Empty("people", "Nothing to tell you yet", NO_ORGANIZATION, "To your organizations", where)
    if not view or set(query.words) != set(Query.parse(VIEWS[view][1]).words):
        return Empty("search", "Nothing matches", NO_MATCH, "To the inbox", address(Query()))
    if view in EMPTY:
        empty = EMPTY[view]
        return empty._replace(link=empty.link or "To the inbox", address=address(Query()))
    done = address(Query.parse("is:done"))
    return Empty("bell", "Nothing here", NOTHING_YET, "Show what is done", done)


def data_of(wanted: Wanted) -> dict[str, Any]:
    """Say what the list shows, for a script that is to tell whether a frame belongs to it."""
    reasons = sorted(wanted.reasons) if wanted.reasons is not None else []
    return {
        "states": [state.word for state in State if state in wanted.states],
        "orgs": list(wanted.org_ids),
        "not_orgs": [],
        "reasons": reasons,
        "not_reasons": [],
        "streams": [str(stream) for stream in sorted(wanted.streams or ())],
        "not_streams": [str(stream) for stream in sorted(wanted.not_streams)],
        "actors": sorted(wanted.actors or ()),
        "not_actors": sorted(wanted.not_actors),
        "text": bool(wanted.found or wanted.not_found or wanted.spans or wanted.not_spans),
    }
