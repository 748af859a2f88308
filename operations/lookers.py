"""Who looks at the Health page: the process that drew it for them tells them of its heartbeats over their sockets, and
forgets who has gone. Nobody looks: nothing is sent."""

import time

from realtime.broadcast import broadcast_user_event

LOOKS = 45.0  # seconds after the page, or its part, was last asked for
MOST = 100

FRAME = "health"
_until: dict[int, float] = {}  # by user


def note(user_id: int) -> None:
    """Note that this person looks."""
    now = time.monotonic()
    for each in [each for each, until in list(_until.items()) if until < now]:
        _until.pop(each, None)
    if len(_until) < MOST:
        _until[user_id] = now + LOOKS


def tell() -> None:
    """Send a hint to each of them; the page asks for what it shows."""
    now = time.monotonic()
    for user_id, until in list(_until.items()):
        if until >= now:
            broadcast_user_event(user_id=user_id, payload={"type": FRAME})
