"""What goes out at once, what waits for the digest, and in how many messages: without a database."""

import datetime as dt
from uuid import UUID

import pytest

from outbound.planning import MOST_AT_ONCE, Heard, messages_of, spans_of
from preferences.hours import EVERY_DAY, Hours
from preferences.kinds import Channel, Kind, Value, defaults

NOON = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)  # a Friday
MINUTE, NOBODY_SAID = dt.timedelta(minutes=1), Hours()
ONE, TWO = UUID(int=1), UUID(int=2)


def spans(*heard, chosen=None, hours=NOBODY_SAID, moment=NOON):
    of_all = chosen or defaults(Channel.MAIL)
    return spans_of(
        [Heard(7, *each) for each in heard], 3, {7: of_all}, {7: hours}, moment, MINUTE.total_seconds()
    )


def test_what_singles_out_goes_at_once_and_the_rest_with_the_digest():
    at_once, digest = sorted(
        spans(("mentioned", ONE, 4, 6), ("creator", ONE, 2, 9), ("watching", TWO, 1, 3), ("org", TWO, 5, 5)),
        key=lambda span: span.mode,
    )
    assert at_once == (7, 3, ONE, "at_once", 4, 6, NOON + MINUTE)
    assert (digest.stream_id, digest.first, digest.last) == (None, 1, 9)
    assert digest.due_at == dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC)


def test_several_reasons_on_a_task_are_one():
    (span,) = spans(("mentioned", ONE, 4, 6), ("assigned", ONE, 2, 2))
    assert (span.first, span.last) == (2, 6)


def test_of_a_channel_that_is_on_or_off_all_goes_at_once():
    desktop = defaults(Channel.DESKTOP)
    (span,) = spans(("mentioned", ONE, 4, 4), ("creator", TWO, 5, 5), chosen=desktop)
    assert (span.stream_id, span.mode) == (ONE, "at_once")


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (NOON, NOON + MINUTE),
        (
            NOON + dt.timedelta(hours=6),
            dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC),
        ),  # the weekend is quiet
        (NOON - dt.timedelta(hours=5), dt.datetime(2026, 11, 27, 9, 0, tzinfo=dt.UTC)),
    ],
)
def test_quiet_hours_hold_back_what_goes_at_once(moment, due):
    (span,) = spans(("mentioned", ONE, 1, 1), hours=Hours(quiet=True), moment=moment)
    assert span.due_at == due


def test_a_zone_that_vanished_is_utc():
    (span,) = spans(("creator", ONE, 1, 1), hours=Hours("Mars/Olympus", days=EVERY_DAY))
    assert span.due_at == dt.datetime(2026, 11, 28, 9, 0, tzinfo=dt.UTC)


def messages(count, later=0, moment=NOON):
    all_on = dict.fromkeys(Kind, Value.AT_ONCE)
    found = spans(
        *(("creator", UUID(int=n), n, n) for n in range(1, count + 1)), chosen=all_on, moment=moment
    )
    late = [span._replace(due_at=NOON + dt.timedelta(hours=1)) for span in found[:later]]
    return messages_of([*late, *found[later:]], "mail", NOON + 2 * MINUTE)


@pytest.mark.parametrize(
    ("tasks", "count"), [(1, 1), (MOST_AT_ONCE, MOST_AT_ONCE), (MOST_AT_ONCE + 1, 1), (40, 1)]
)
def test_many_tasks_are_one_message(tasks, count):
    found = messages(tasks)
    assert len(found) == count
    assert sum(len(message.spans) for message in found) == tasks


def test_what_would_follow_in_a_moment_goes_with_it():
    assert len(messages(MOST_AT_ONCE, later=1)) == MOST_AT_ONCE - 1
    (message,) = messages(MOST_AT_ONCE + 1, later=2)
    assert len(message.spans) == MOST_AT_ONCE + 1
    assert messages(MOST_AT_ONCE + 1, later=MOST_AT_ONCE + 1) == []


def test_a_message_is_named_by_what_it_tells_of():
    first, again, other = messages(1), messages(1, moment=NOON + dt.timedelta(seconds=3)), messages(2)
    assert first[0].key == again[0].key
    assert first[0].key in {message.key for message in other}
    assert len({message.key for message in other}) == 2
