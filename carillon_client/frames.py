"""What the server sends, as far as this client looks at it. Dictionaries: keys that it does not know stay in them."""

from typing import Any, NotRequired, TypedDict


class Mark(TypedDict):
    """What an event means to whoever reads it."""

    id: int
    reason: str
    state: str
    unread: bool


class Frame(TypedDict):
    """An event of a log. `position` is dense within an organization."""

    type: str
    org_id: int
    event_id: int
    position: int
    cursor: str
    action: str
    actor: str
    created_at: str
    key: str
    number: int
    page: str
    sentence: str
    subject: str
    details: dict[str, Any]
    notification: NotRequired[Mark | None]


class EventPage(TypedDict):
    """A piece of a log. `more`: ask on after `cursor` at once."""

    items: list[Frame]
    cursor: str
    more: bool


class Page(TypedDict):
    """A piece of any other list. `next` is the address of the piece after it."""

    items: list[dict[str, Any]]
    next: str | None


EVENTS = ("task_event", "event")  # the types of frames that are events of a log
