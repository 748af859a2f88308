"""What the HTTP twins of the two sockets answer, in types. Pure."""

from typing import Generic, TypeVar

import msgspec

from inbox.frames import ByOrg, ReplaySummary, StateCounts
from orgs.frames import NamedOrg, Org

Item = TypeVar("Item")


class Twin(msgspec.Struct, Generic[Item], kw_only=True):
    """`items` are frames, or their texts. `more`: they end before the head, because they are large; the rest comes
    after `cursor`."""

    user_id: int
    items: list[Item]
    cursor: str
    more: bool
    replay: ReplaySummary
    counts: StateCounts
    at: ByOrg
    revision: int


class OrgTwin(Twin[Item], Generic[Item], kw_only=True):
    org: Org
    unread: int


class UserTwin(Twin[Item], Generic[Item], kw_only=True):
    unread: int
    orgs: ByOrg
    organizations: list[NamedOrg]  # what the ids of `orgs`, `at` and of cursors mean
