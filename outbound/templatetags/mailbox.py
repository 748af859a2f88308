"""Where a demo's mails land, for pages of whoever waits for a code."""

from django import template
from django.urls import reverse

from outbound.mail import mailbox

register = template.Library()


@register.simple_tag
def mailbox_address() -> str:
    """Give the mailbox's address; nothing where mails are sent."""
    return reverse("mailbox:list") if mailbox.is_on() else ""
