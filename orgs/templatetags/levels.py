"""What a member chose to be told, in words."""

from django import template

from orgs.models import Membership

register = template.Library()


@register.filter
def level_label(level: str) -> str:
    """Say `participating` as `Only what concerns me`."""
    return str(Membership.Level(level).label)
