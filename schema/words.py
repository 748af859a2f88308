"""Which words cross to other programs, and where each may stand."""

from typing import Any, TypeVar, Union

import msgspec

from api.frame_schemas import EVENTS, Kind
from base.messages import MESSAGES
from events.facts import FACTS
from inbox import twins
from inbox.context_processors import Boot
from inbox.frames import UnreadFrame
from orgs.frames import OrganizationFrame
from realtime.frames import CloseFrame, ErrorFrame, MembershipFrame, OrgWelcome, Ping, Pong, UserWelcome

Item = TypeVar("Item")


class OrgTwin(twins.OrgTwin[Union[EVENTS]]):  # type: ignore[valid-type]  # noqa: UP007
    pass


class UserTwin(twins.UserTwin[Union[EVENTS]]):  # type: ignore[valid-type]  # noqa: UP007
    pass


# By the name that the schema gives to all of them together.
PLACES: dict[str, tuple[Kind, ...]] = {
    "OrgSocketFrame": (OrgWelcome, *EVENTS, OrganizationFrame, Pong, ErrorFrame),
    "UserSocketFrame": (UserWelcome, *EVENTS, UnreadFrame, MembershipFrame, Pong, ErrorFrame),
    "OrgStreamFrame": (OrgWelcome, *EVENTS, OrganizationFrame, CloseFrame),
    "UserStreamFrame": (UserWelcome, *EVENTS, UnreadFrame, MembershipFrame, CloseFrame),
    "ClientFrame": (Ping,),
    "TwinAnswer": (OrgTwin, UserTwin),
    "PageData": (Boot,),
    "LayerMessage": MESSAGES,
}


class Unfit(Exception):
    """What was said is not what the schema says."""


def check(said: dict[str, Any], *places: str) -> None:
    """Check what is said at one of these places. Raises Unfit where it lacks something or has too much."""
    kinds = [kind for place in places for kind in PLACES[place]]
    named = [kind for kind in kinds if kind.__struct_config__.tag in (said.get("type"), None)]
    wrong = [wrong for kind in named if (wrong := _misfit(said, kind))]
    if len(wrong) == len(named):
        raise Unfit(f"{said} fits nothing of {', '.join(places)}: {'; '.join(wrong)}")


def _misfit(said: dict[str, Any], kind: Kind) -> str:
    try:
        understood = msgspec.to_builtins(msgspec.convert(said, kind), builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        return str(error)
    if understood != said:
        return f"only {understood} is meant"
    for event in [said, *said.get("items", ())]:
        fact = FACTS.get(event.get("action"))
        if fact and msgspec.convert(event["details"], fact).details() != event["details"]:
            return "the details are not the fact's"
    return ""
