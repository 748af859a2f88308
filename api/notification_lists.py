"""Which notifications a program names: the words of the inbox's field, by parameters or as they are typed there."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from api.parsing import Strict
from base.errors import Fault, NotFound
from inbox.org_inboxes import OrgInbox, within
from inbox.query import LONGEST, MINE, STATES, Query, Word
from inbox.reasons import reasons
from inbox.wanted import Wanted, wanted

State = Annotated[
    str,
    msgspec.Meta(
        description="Where they are. Without it, the inbox: what is unread or read.",
        extra_json_schema={"enum": list(STATES)},
    ),
]
Org = Annotated[str, msgspec.Meta(description="One organization, by its short name.")]
Reason = Annotated[
    str, msgspec.Meta(description="Why the user was told, such as `mentioned`; `mine` is all but three.")
]
Words = Annotated[
    str,
    msgspec.Meta(
        max_length=LONGEST, description="Words of the inbox's field, such as `from:bob -reason:org signing`."
    ),
]


class Named(Strict, kw_only=True):
    """A list: `state` (without it the inbox, which is unread and read), `org` by its short name, `reason` (`mine`: all
    but mentions, assignments and following everything), and `q`. Together they are one search: what `state`, `org` and
    `reason` say are words like those in `q`, of which several of one kind are alternatives."""

    state: State | None = None
    org: Org | None = None
    reason: Reason | None = None
    q: Words = ""


def asked_for(named: Named, places: Sequence[OrgInbox], where: str) -> tuple[Wanted, list[Fault]]:
    """Look up what a list shows, and what of it cannot be read or names nothing: nothing is left out silently, or the
    list would be a longer one than was meant. `where`: it was named in the query or in the body."""
    faults = []
    words = []
    if named.state is not None:
        words.append(Word("is", named.state))
        if named.state not in STATES:
            faults.append(Fault(f"{where}.state", f"It is one of {', '.join(STATES)}."))
    if named.reason is not None:
        words.append(Word("reason", named.reason))
        if named.reason not in (*reasons(), MINE):
            faults.append(Fault(f"{where}.reason", f"It is one of {', '.join(reasons())} or {MINE}."))
    if named.org is not None:
        words.append(Word("org", _organization(named.org, places).slug))
    if faults:
        return Wanted(()), faults
    query = Query.parse(" ".join([*map(str, words), named.q]))
    asked = wanted(query, places)
    return asked, [Fault(f"{where}.q", fault) for fault in asked.faults]


def _organization(slug: str, places: Sequence[OrgInbox]) -> OrgInbox:
    """Find it by its short name of today or a former one. Raises NotFound, for a foreign one too."""
    found = within(list(places), slug) if slug else []
    if not found:
        raise NotFound("You are in no organization with this short name, or this token does not reach it.")
    return found[0]
