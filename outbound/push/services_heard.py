"""The push services that this process depends on. Browsers name theirs, so anybody could name one that does not exist:
only those count that have taken a push from this process, or are known to the world."""

from base.dependencies import Dependency
from outbound.to_strangers import Answer, Unreachable

WELL_KNOWN = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
    "notify.windows.com",
)
MOST = 20
_services: dict[str, Dependency] = {}  # by host


def heard_of(host: str, answer: Answer | Unreachable) -> None:
    """Note whether the service at this host answers as one that works."""
    is_away = isinstance(answer, Unreachable) or answer.status >= 500
    service = _services.get(host)
    if service is None:
        counts = host.endswith(WELL_KNOWN) if is_away else answer.status < 300  # type: ignore[union-attr]
        if not counts or len(_services) >= MOST:
            return
        service = _services[host] = Dependency("push service", host, meanwhile="Its pushes are tried again.")
    if not is_away:
        service.works()
    else:
        service.failed(answer if isinstance(answer, Unreachable) else f"it answered {answer.status}")
