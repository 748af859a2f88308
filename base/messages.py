"""What the processes tell each other through the channel layer, in types. Every message is a hint: what it says, the
database knows. Pure.

A message crosses as a dict. It is read leniently, because an older or a newer release may be running beside this one:
types and keys that this release does not know are ignored, and what lacks something is `Unreadable`.
"""

from typing import Annotated, Any, Literal

import msgspec

Unreadable = msgspec.ValidationError


class Message(msgspec.Struct, frozen=True, tag_field="type"):
    def told(self) -> dict[str, Any]:
        """Give it as it crosses the layer."""
        return msgspec.to_builtins(self, builtin_types=(bytes,))  # type: ignore[no-any-return]


class AppendedEvent(msgspec.Struct, frozen=True):
    """`frame`: its JSON text as all readers share it, encoded once by who wrote it (`inbox/frames.py`). `participants`:
    user id and reason of whoever takes part, as it was delivered. `to_all`: whether the others are told who
    want to hear everything. `watching`: who of those that take part watches too."""

    position: int
    event_id: int
    actor_id: int
    digest: str
    frame: bytes
    participants: list[tuple[int, str]] = []
    to_all: bool = True
    watching: list[int] = []


class LogAppended(Message, frozen=True, tag="log.appended"):
    """`follows`: the digest before the first event. `membership_version`: the one that they were delivered under.
    `committed`: when that was known, in seconds since 1970; 0 from a release that does not say."""

    org_id: int
    membership_version: int
    follows: str
    events: Annotated[list[AppendedEvent], msgspec.Meta(min_length=1)]
    committed: float = 0.0


class OrgEvent(Message, frozen=True, tag="org.event"):
    """`payload`: a frame for every open socket of the organization."""

    org_id: int
    payload: dict[str, Any]


class UserEvent(Message, frozen=True, tag="user.event"):
    """`payload`: a frame for every open user socket of this user."""

    user_id: int
    payload: dict[str, Any]


class MembershipChanged(Message, frozen=True, tag="membership.changed"):
    """The user joined or left the organization, or their role or level changed."""

    user_id: int
    org_id: int
    change: Literal["joined", "left", "changed"]


class SessionChanged(Message, frozen=True, tag="session.changed"):
    """Some session of the user has ended."""

    user_id: int


MESSAGES = (LogAppended, OrgEvent, UserEvent, MembershipChanged, SessionChanged)

_KINDS: dict[str, type[Message]] = {str(kind.__struct_config__.tag): kind for kind in MESSAGES}


def read(told: dict[str, Any]) -> Message | None:
    """Read what came through the layer; None where its type is unknown. Raises Unreadable where it does not fit."""
    kind = _KINDS.get(str(told.get("type")))
    return None if kind is None else msgspec.convert(told, kind)
