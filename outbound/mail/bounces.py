"""What a mail service reports of a mail afterwards: that it bounced, or that its reader called it spam. anymail's own
view takes the report, whose sender has to know the secret of MAIL_URL."""

from typing import Any

from anymail.signals import EventType, RejectReason, tracking
from django.conf import settings
from django.urls import URLPattern, path

from outbound.mail import addresses
from outbound.models import Unreachable

WHY = {
    EventType.BOUNCED: Unreachable.Why.BOUNCED,
    EventType.COMPLAINED: Unreachable.Why.COMPLAINED,
}
# Of what the service does not even try to send, since it knows the address.
REJECTED = {
    RejectReason.INVALID: Unreachable.Why.BOUNCED,
    RejectReason.BOUNCED: Unreachable.Why.BOUNCED,
    RejectReason.SPAM: Unreachable.Why.COMPLAINED,
}


def heed_reports() -> None:
    tracking.connect(_heed, dispatch_uid="outbound")


def _heed(event: Any, **_: Any) -> None:
    is_rejected = event.event_type == EventType.REJECTED
    why = REJECTED.get(event.reject_reason) if is_rejected else WHY.get(event.event_type)
    if why and event.recipient:
        said = event.mta_response or event.description or event.reject_reason or ""
        addresses.mark(event.recipient, why, " ".join(str(said).split()))


def report_urls() -> list[URLPattern]:
    """Give the address that the service of MAIL_URL reports to; none where there is no service, or no secret."""
    told = getattr(settings, "ANYMAIL", {})
    if not told.get("WEBHOOK_SECRET"):
        return []
    from anymail.urls import urlpatterns

    names = (f"{told['SERVICE']}_tracking_webhook", f"{told['SERVICE']}_webhook")
    return [
        path("mail/reports/", each.callback, name="mail_reports")
        for each in urlpatterns
        if each.name in names
    ]
