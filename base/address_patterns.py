"""Addresses of a page's rows: reversed once for the page, with a place for what differs between them."""

from django.urls import reverse

_PLACE = 1_234_567_890


def address_pattern(name: str) -> str:
    """Give the address that has a number in it, with `{}` in its place."""
    return reverse(name, args=[_PLACE]).replace("{", "{{").replace("}", "}}").replace(str(_PLACE), "{}")
