"""What mail programs go by: the thread of a task that a mail belongs to, its list, and where an answer goes."""

import uuid

from django.conf import settings
from django.utils.crypto import salted_hmac

from outbound.mail.links import host
from outbound.models import Delivery


def in_thread(stream_id: uuid.UUID) -> dict[str, str]:
    """Put a mail into its task's thread: all name one message as their first, which nobody was ever sent."""
    first = f"<task.{stream_id}@{host()}>"
    return {"In-Reply-To": first, "References": first}


def list_id(slug: str) -> str:
    """Name an organization's mails, for filters (RFC 2919); without a short name those of several."""
    return f"<{slug}.organizations.{host()}>" if slug else f"<digest.{host()}>"


def reply_to(delivery: Delivery) -> dict[str, str]:
    """Have answers go where they could be read, by an address that names the delivery and that nobody can guess."""
    if not settings.MAIL_REPLY_DOMAIN:
        return {}
    proof = salted_hmac(
        "outbound.mail.reply", f"{delivery.pk} {delivery.token}", algorithm="sha256"
    ).hexdigest()
    return {"Reply-To": f"reply+{delivery.pk}-{proof[:24]}@{settings.MAIL_REPLY_DOMAIN}"}
