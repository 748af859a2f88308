"""System checks: settings with which mails would go out and reach nobody."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from outbound.mail import mailbox

HERE = ("localhost", "127.0.0.1", "[::1]", "::1")


@register()
def mail_leads_somewhere(**_: Any) -> list[CheckMessage]:
    """Warn of mails from, and links to, this machine alone."""
    if settings.EMAIL_BACKEND == mailbox.BACKEND:
        return _shown_to_everybody()
    if not settings.MAIL_IS_ON:
        return []
    found: list[CheckMessage] = []
    if settings.MAIL_FROM.rpartition("@")[2].rstrip(">") in HERE:
        hint = "Set MAIL_FROM to an address that your mail server may send from."
        found.append(Warning(f"Mails are from {settings.MAIL_FROM}.", hint=hint, id="outbound.W001"))
    if urlsplit(settings.SITE_URL).hostname in HERE:
        hint = "Set SITE_URL to where people reach the product."
        found.append(Warning(f"Links in mails lead to {settings.SITE_URL}.", hint=hint, id="outbound.W002"))
    return found


def _shown_to_everybody() -> list[CheckMessage]:
    """Warn of the demo's mailbox where others than this machine reach it: the codes in it open every account."""
    if all(host in HERE for host in settings.ALLOWED_HOSTS):
        return []
    hint = "MAIL_URL=mailbox: is for demos. Name a mail server."
    return [Warning("Whoever reaches this server reads all mails.", hint=hint, id="outbound.W003")]
