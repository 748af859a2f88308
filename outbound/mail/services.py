"""Post a mail: a row in the caller's transaction, which a thread sends after the commit. Nothing else sends mail."""

from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from orgs.models import User
from outbound.mail.links import absolute
from outbound.mail.rendering import rendered
from outbound.models import Delivery


def post(
    *,
    to: str,
    template: str,
    context: dict[str, Any],
    key: str,
    user: User | None = None,
    kind: str = Delivery.Kind.ACCOUNT,
) -> None:
    """Have a mail sent to this address, whoever it belongs to. What has been posted by a key is not posted
    again. Without a mail server nothing is."""
    if not settings.MAIL_IS_ON:
        return
    words = rendered(template, context)
    content = {"subject": words.subject, "text": words.text, "html": words.html}
    delivery = Delivery(
        key=key, channel=Delivery.Channel.MAIL, kind=kind, user=user, address=to, content=content,
        due_at=Now(), created_at=timezone.now(),
    )  # fmt: skip
    Delivery.objects.bulk_create([delivery], ignore_conflicts=True)


def try_it(user: User) -> None:
    """Send the person a mail that says how their mail looks, to their own address."""
    key, context = (
        f"trial {user.pk} {timezone.now().isoformat()}",
        {"url": absolute(reverse("preferences:page"))},
    )
    post(to="", template="trial", context=context, key=key, user=user, kind=Delivery.Kind.TRIAL)
