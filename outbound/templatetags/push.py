"""`{% desktop_browsers %}`: desktop notifications on the page of preferences."""

from typing import Any

from django import template

from outbound.push.own_key import own_public_key
from outbound.push.services import awake, subscriptions_of

register = template.Library()


@register.inclusion_tag("push/_browsers.html", takes_context=True)
def desktop_browsers(context: dict[str, Any]) -> dict[str, Any]:
    request = context["request"]
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "push_key": own_public_key(),
        "push_browsers": subscriptions_of(request.user),
        "push_awake": {each.pk for each in awake(request.user.pk)},
    }
