"""What a mail of news says: composed when it is sent, of what is still unread then."""

from collections.abc import Mapping
from typing import NamedTuple

from outbound.models import Delivery
from outbound.telling import to_tell


class Composed(NamedTuple):
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


def compose(delivery: Delivery) -> Composed | None:
    """Compose a digest or what is told at once; None where nothing is left to be told."""
    told = to_tell(delivery)
    if not told:
        return None
    lines = [f"{notification.event.key} {notification.event.subject}" for notification in told]
    return Composed(f"{len(told)} unread", "\n".join(lines), "", {})
