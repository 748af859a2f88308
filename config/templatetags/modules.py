"""Scripts and all that they import, for a browser to ask for at once and not one import after the other."""

import posixpath
import re
from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from config.static_files import release

register = template.Library()

IMPORT = re.compile(r'^(?:import|export)\b[^;"]*"(\.[^"]+)";', re.MULTILINE)


@register.simple_tag
@cache
def modulepreload(entry: str) -> SafeString:
    """Name what a script imports, and what those import."""
    links = ((static(name),) for name in sorted(imported(entry)))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


def imported(entry: str) -> set[str]:
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        for target in IMPORT.findall(release()[name].decode()):
            module = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            if module not in found:
                found.add(module)
                waiting.append(module)
    return found
