"""What a mail of news says: composed when it is sent, of what is still unread then."""

from outbound.mail.rendering import Rendered
from outbound.models import Delivery
from outbound.telling import to_tell


def compose(delivery: Delivery) -> Rendered | None:
    """Compose a digest or what is told at once; None where nothing is left to be told."""
    told = to_tell(delivery)
    if not told:
        return None
    lines = [f"{notification.event.key} {notification.event.subject}" for notification in told]
    return Rendered(f"{len(told)} unread", "\n".join(lines))
