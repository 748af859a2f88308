"""Times in addresses and forms."""

import datetime as dt
from contextlib import suppress

from django.utils.dateparse import parse_datetime


def moment_in(text: str) -> dt.datetime | None:
    """Read a time, with its zone if it says one; None where it is no time. A plus sign that was not escaped arrives as
    a space."""
    for spelling in (text, "+".join(text.rsplit(" ", 1))):
        with suppress(ValueError):  # the 30th of February
            if moment := parse_datetime(spelling):
                return moment
    return None
