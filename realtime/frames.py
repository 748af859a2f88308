"""What only the sockets say: their welcomes, answers to what a client sends, and what became of a membership. Pure.

docs/frames.schema.json is made from these, and so are the scripts' types (`schema/`).
"""

from typing import Literal

import msgspec

from inbox.frames import ByOrg, ReplaySummary, StateCounts
from orgs.frames import Org


class Frame(msgspec.Struct, tag_field="type"):
    pass


class Welcome(Frame, kw_only=True, tag="welcome"):
    user_id: int
    unread: int
    counts: StateCounts
    at: ByOrg
    revision: int
    cursor: str
    replay: ReplaySummary


class OrgWelcome(Welcome, kw_only=True, tag="welcome"):
    org: Org


class OrgOfUser(msgspec.Struct):
    id: int
    slug: str
    name: str
    unread: int


class UserWelcome(Welcome, kw_only=True, tag="welcome"):
    orgs: list[OrgOfUser]


class MembershipFrame(Frame, tag="membership"):
    org_id: int
    change: Literal["joined", "left", "changed"]


class Pong(Frame, tag="pong"):
    pass


class Ping(Frame, tag="ping"):
    """The only thing that a client sends."""


class CloseFrame(Frame, tag="close"):
    """The last frame of a stream, which has no close codes of its own: why it ends, and what to do."""

    code: int
    message: str


class Complaint(msgspec.Struct):
    code: str
    message: str


class ErrorFrame(Frame, tag="error"):
    error: Complaint
