"""What the page of preferences calls kinds and channels, and what it says will happen. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping

from preferences.hours import EVERY_DAY, Hours, allowed_from, next_digest, zone_of
from preferences.kinds import Channel, Kind, Value

CHANNELS = {
    Channel.INBOX: "Inbox",
    Channel.TOAST: "Toast",
    Channel.DESKTOP: "Desktop",
    Channel.MAIL: "E-mail",
}
KINDS = {
    Kind.MENTIONS: ("Mentions", "Somebody names you."),
    Kind.ASSIGNMENTS: ("Assignments", "A task becomes yours."),
    Kind.MINE: (
        "Your tasks",
        "You created it, have it, or take part in it. Also who joins, where you manage members.",
    ),
    Kind.WATCHED: ("Watched tasks", "You asked to watch it."),
    Kind.EVERYTHING: ("Everything else", "All other changes to tasks."),
    Kind.MEMBERSHIPS: ("Memberships", "Your own role and place, and rights where you look after them."),
}
VALUES = {Value.OFF: "Off", Value.ON: "On", Value.DIGEST: "Digest", Value.AT_ONCE: "At once"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Values = Mapping[Kind, Value]


def of_inbox(values: Values, place: str) -> str:
    """Say what an inbox takes in this place: `your organizations`, or one by name."""
    if values[Kind.EVERYTHING] == Value.ON:
        return f"Your inbox takes every change to tasks in {place}, and who joins or leaves where you manage members."
    return f"Your inbox takes {_listed(_set_to(values, Value.ON))}."


def of_toasts(values: Values) -> str:
    told = _set_to(values, Value.ON)
    if not told:
        return "No notes pop up on your pages."
    return f"While you look at a page, a short note pops up for {_listed(told)}."


def of_desktop(values: Values, hours: Hours, now: dt.datetime) -> str:
    told = _set_to(values, Value.ON)
    if not told:
        return "Nothing reaches your desktop."
    begins = allowed_from(now, hours)
    if begins > now:
        return f"Nothing reaches your desktop until {when(begins, now, hours)}."
    return f"While no page is in sight, your desktop shows {_listed(told)}."


def of_mail(values: Values, hours: Hours, now: dt.datetime) -> str:
    at_once, gathered = _set_to(values, Value.AT_ONCE), _set_to(values, Value.DIGEST)
    begins, digest = allowed_from(now, hours), when(next_digest(now, hours), now, hours, " at")
    unread = f"what you have not read of {_listed(gathered)}"
    if not at_once:
        return f"You get an e-mail {digest} with {unread}." if gathered else "You get no e-mail about news."
    soon = "at once" if begins == now else f"from {when(begins, now, hours)} on"
    rest = f", and an e-mail {digest} with {unread}" if gathered else ""
    return f"You get e-mail about {_listed(at_once)} {soon}{rest}."


def of_hours(hours: Hours) -> str:
    """Say when mail and desktop reach the person."""
    digest = f"The digest comes at {clock(hours.digest_at)} on {of_days(hours.days)}"
    if not hours.quiet:
        return f"{digest}. Other e-mail and your desktop reach you at any time."
    if hours.begins == hours.ends:
        return f"{digest}. E-mail and desktop wait for those days."
    return (
        f"{digest}. E-mail and desktop wait for {clock(hours.begins)} to {clock(hours.ends)} on those days. "
        "Your inbox never waits."
    )


def of_days(days: Iterable[int]) -> str:
    """Say `Monday to Friday`, `every day`, or the days by name."""
    them = sorted(days)
    if set(them) in (EVERY_DAY, set()):
        return "every day"
    if len(them) > 2 and them[-1] - them[0] == len(them) - 1:
        return f"{DAYS[them[0]]} to {DAYS[them[-1]]}"
    return _and([DAYS[day] for day in them])


def when(moment: dt.datetime, now: dt.datetime, hours: Hours, at: str = "") -> str:
    """Say a moment to come in the person's zone: `today 9:00`, `tomorrow 9:00`, `Monday 9:00`, `30 November 9:00`."""
    local = moment.astimezone(zone_of(hours))
    away = (local.date() - now.astimezone(zone_of(hours)).date()).days
    day = {0: "today", 1: "tomorrow"}.get(away) or (
        DAYS[local.weekday()] if away < len(DAYS) else f"{local.day} {local:%B}"
    )
    return f"{day}{at} {clock(local.time())}"


def clock(time: dt.time) -> str:
    return f"{time.hour}:{time.minute:02}"


def _set_to(values: Values, value: Value) -> list[Kind]:
    return [kind for kind, its in values.items() if its == value]


def _listed(kinds: Iterable[Kind]) -> str:
    return _and([KINDS[kind][0].lower() for kind in kinds])


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
