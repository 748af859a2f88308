"""The rows of lists, which templates/lists draw from plain values."""

from typing import Any

from django import template
from django.template import engines
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def drawn(name: str, **values: Any) -> SafeString:
    """Draw templates/lists/<name> from these values and nothing else: `{% drawn "threads.html" rows=rows %}`."""
    return SafeString(engines["jinja2"].get_template(name).render(values))
