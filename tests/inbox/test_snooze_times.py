"""When a snooze ends, in the reader's time zone."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from base.errors import Invalid
from inbox.snooze_times import choices, until_of

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def at(monkeypatch):
    def set_to(*moment):
        now = dt.datetime(*moment, tzinfo=TOKYO)
        monkeypatch.setattr(timezone, "now", lambda: now.astimezone(dt.UTC))

    with timezone.override(TOKYO):
        yield set_to


@pytest.mark.parametrize(
    ("now", "word", "until"),
    [
        ((2026, 11, 26, 8, 30), "hour", (2026, 11, 26, 9, 30)),
        ((2026, 11, 26, 8, 30), "afternoon", (2026, 11, 26, 14, 0)),
        ((2026, 11, 26, 14, 0), "afternoon", (2026, 11, 26, 17, 0)),
        ((2026, 11, 26, 23, 30), "afternoon", (2026, 11, 27, 14, 0)),
        ((2026, 11, 26, 23, 30), "tomorrow", (2026, 11, 27, 9, 0)),
        ((2026, 11, 29, 8, 0), "monday", (2026, 11, 30, 9, 0)),
        ((2026, 11, 30, 8, 0), "monday", (2026, 12, 7, 9, 0)),
    ],
)
def test_words_are_moments_of_the_readers_own_day(at, now, word, until):
    at(*now)
    assert until_of(word) == dt.datetime(*until, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((2026, 11, 26, 8, 30), ["hour", "afternoon", "tomorrow", "monday"]),
        ((2026, 11, 26, 18, 0), ["hour", "tomorrow", "monday"]),
        ((2026, 11, 29, 8, 0), ["hour", "afternoon", "tomorrow"]),
    ],
)
def test_a_menu_offers_each_moment_once_and_none_that_is_past(at, now, words):
    at(*now)
    assert [choice.word for choice in choices()] == words


def test_what_is_typed_is_a_time_of_the_readers(at):
    at(2026, 11, 26, 8, 30)
    assert until_of("own", "2026-11-27T10:15") == dt.datetime(2026, 11, 27, 10, 15, tzinfo=TOKYO)
    assert until_of("2026-11-27T10:15:00+01:00") == dt.datetime(2026, 11, 27, 9, 15, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "said", ["", "later", "2026-11-27T10:15:00", "0001-01-01T00:00+14:00", "2026-11-26T00:00+00:00"]
)
def test_what_is_no_time_to_come_is_refused(at, said):
    at(2026, 11, 26, 18, 0)
    with pytest.raises(Invalid, match="Say until when"):
        until_of(said)
