"""When a delivery that failed is tried again, and when it is enough. Chance comes from outside."""

import datetime as dt
from email.utils import parsedate_to_datetime

SHORTEST, LONGEST = 5.0, 1800.0  # seconds between two tries
LONGEST_ASKED = 3600.0  # seconds for which a receiver may ask us to wait
ENOUGH = dt.timedelta(days=3)  # without one success
GONE = 410
OFF = 300  # seconds by which a receiver's clock may be off: beyond that it refuses what is signed


def pause_after(failures: int, asked: float | None, chance: float) -> float:
    """Give the seconds until the next try after so many failures in a row. `asked`: what the receiver wants, within
    bounds; `chance`, from 0 to 1, spreads those that failed together by a fifth."""
    grown = min(LONGEST, SHORTEST * 2.0 ** (min(failures, 20) - 1))
    return max(grown * (1 + chance / 5), min(asked or 0.0, LONGEST_ASKED))


def why_to_stop(status: int | None, failing_for: dt.timedelta) -> str:
    """Say why nothing more is sent after this failure (`facts.WHY_STOPPED`); nothing where it is tried again."""
    if status == GONE:
        return "gone"
    return "failing" if failing_for >= ENOUGH else ""


def seconds_asked(retry_after: str, now: dt.datetime) -> float | None:
    """Read a Retry-After header, of either kind; None for none or nonsense."""
    if retry_after.strip().isdecimal():
        return float(retry_after.strip()[:9])
    moment = _moment(retry_after)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def clock_words(date: str, now: dt.datetime) -> str:
    """Say how far the receiver's clock, by the Date header of its answer, is from ours; nothing where that does no
    harm."""
    moment = _moment(date)
    off = (moment - now).total_seconds() if moment else 0.0
    if abs(off) < OFF:
        return ""
    minutes = round(abs(off) / 60)
    return f"its clock is {minutes:,} minutes {'ahead' if off > 0 else 'behind'}"


def _moment(date: str) -> dt.datetime | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):  # a zone that is too far off to be one
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
