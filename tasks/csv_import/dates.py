"""Days as tables write them. Pure."""

import datetime as dt
import re
from collections.abc import Iterable

from base.errors import Invalid

YEAR_FIRST, DAY_FIRST, MONTH_FIRST = "ymd", "dmy", "mdy"
ORDERS = {
    DAY_FIRST: "day, month, year (31/12/2026)",
    MONTH_FIRST: "month, day, year (12/31/2026)",
    YEAR_FIRST: "year, month, day (2026-12-31)",
}
_NUMBERS = re.compile(r"(\d{1,4})[-./ ]+(\d{1,2})[-./ ]+(\d{1,4})(?:[T ]\d{1,2}:\d{2}.*)?", re.ASCII)
_IN_WORDS = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y")


def guessed_order(days: Iterable[str]) -> str:
    """Guess in which order days are written, by those that can be read in one only; day first where none says."""
    for day in days:
        if not (found := _NUMBERS.fullmatch(day.strip())) or len(found[1]) == 4:
            continue
        if int(found[2]) > 12:
            return MONTH_FIRST
        if int(found[1]) > 12 or "." in day:
            return DAY_FIRST
    return DAY_FIRST


def day_of(said: str, order: str) -> dt.date:
    """Read a day; one that begins with the year says its order itself. Raises Invalid."""
    said = said.strip()
    try:
        if found := _NUMBERS.fullmatch(said):
            return _day(*found.groups(), order=order)
        return _in_words(said)
    except ValueError as error:
        raise Invalid(f"“{said[:30]}” is no day. Write it as 2026-12-31.") from error


def _day(first: str, second: str, third: str, *, order: str) -> dt.date:
    if len(first) == 4 or order == YEAR_FIRST:
        year, month, day = first, second, third
    elif order == MONTH_FIRST:
        month, day, year = first, second, third
    else:
        day, month, year = first, second, third
    whole = int(year) + 2000 if len(year) == 2 else int(year)
    if whole < 1900:
        raise ValueError(year)
    return dt.date(whole, int(month), int(day))


def _in_words(said: str) -> dt.date:
    plain = " ".join(said.replace(",", " ").replace(".", " ").split())
    for form in _IN_WORDS:
        try:
            return dt.datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError(said)
