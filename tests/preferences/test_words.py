"""What the page says will happen."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from preferences import words
from preferences.hours import Hours
from preferences.kinds import Channel, Kind, Value, defaults

pytestmark = pytest.mark.once

VIENNA = ZoneInfo("Europe/Vienna")
OFFICE = Hours("Europe/Vienna", quiet=True)
NOON = dt.datetime(2026, 11, 27, 12, tzinfo=VIENNA)  # a Friday
NIGHT = NOON.replace(hour=22)
MAIL, DESKTOP = defaults(Channel.MAIL), defaults(Channel.DESKTOP)
OFF = dict.fromkeys(Kind, Value.OFF)


@pytest.mark.parametrize(
    ("values", "hours", "now", "said"),
    [
        (OFF, OFFICE, NOON, "You get no e-mail about news."),
        (
            OFF | {Kind.MINE: Value.DIGEST},
            OFFICE,
            NOON.replace(hour=8),
            "You get an e-mail today at 9:00 with what you have not read of your tasks.",
        ),
        (
            MAIL,
            OFFICE,
            NOON,
            "You get e-mail about mentions, assignments and memberships at once, and an e-mail Monday at 9:00 "
            "with what you have not read of your tasks and watched tasks.",
        ),
        (
            OFF | {Kind.MENTIONS: Value.AT_ONCE},
            OFFICE,
            NIGHT,
            "You get e-mail about mentions from Monday 9:00 on.",
        ),
        (
            OFF | {Kind.WATCHED: Value.DIGEST},
            OFFICE._replace(days=frozenset({4})),
            NOON,
            "You get an e-mail 4 December at 9:00 with what you have not read of watched tasks.",
        ),
        (
            OFF | {Kind.WATCHED: Value.DIGEST},
            OFFICE._replace(digest_at=dt.time(16, 5), zone="gone"),
            NIGHT - dt.timedelta(days=1),
            "You get an e-mail tomorrow at 16:05 with what you have not read of watched tasks.",
        ),
    ],
)
def test_mail(values, hours, now, said):
    assert words.of_mail(values, hours, now) == said


@pytest.mark.parametrize(
    ("values", "hours", "now", "said"),
    [
        (OFF, OFFICE, NIGHT, "Nothing reaches your desktop."),
        (DESKTOP, OFFICE, NIGHT, "Nothing reaches your desktop until Monday 9:00."),
        (DESKTOP, OFFICE, NOON.replace(hour=6), "Nothing reaches your desktop until today 9:00."),
        (DESKTOP, OFFICE, NOON, "While no page is in sight, your desktop shows mentions and assignments."),
        (DESKTOP, Hours(), NIGHT, "While no page is in sight, your desktop shows mentions and assignments."),
    ],
)
def test_desktop(values, hours, now, said):
    assert words.of_desktop(values, hours, now) == said


def test_toasts_and_the_inbox():
    assert words.of_toasts(OFF) == "No notes pop up on your pages."
    assert words.of_toasts(OFF | {Kind.MINE: Value.ON}).endswith("pops up for your tasks.")
    assert "every change to tasks in Acme" in words.of_inbox(defaults(Channel.INBOX), "Acme")
    assert words.of_inbox(OFF | {Kind.MENTIONS: Value.ON}, "Acme") == "Your inbox takes mentions."


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (range(7), "every day"),
        ([], "every day"),
        (range(5), "Monday to Friday"),
        ([0, 2, 6], "Monday, Wednesday and Sunday"),
        ([5, 6], "Saturday and Sunday"),
        ([3], "Thursday"),
    ],
)
def test_days(days, said):
    assert words.of_days(days) == said


def test_hours():
    assert words.of_hours(Hours()).endswith("Other e-mail and your desktop reach you at any time.")
    assert "wait for 9:00 to 18:00 on those days" in words.of_hours(OFFICE)
    assert words.of_hours(OFFICE._replace(ends=dt.time(9))).endswith("wait for those days.")
