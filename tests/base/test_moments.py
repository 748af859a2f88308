import datetime as dt

import pytest

from base.moments import moment_in
from base.numbers import whole_number

NOON = dt.datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001 - as it was written

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T12:00", NOON),
        ("2026-11-20 12:00", NOON),
        ("2026-11-20T12:00+00:00", NOON.replace(tzinfo=dt.UTC)),
        ("2026-11-20T12:00 00:00", NOON.replace(tzinfo=dt.UTC)),  # the plus sign was not escaped
        ("2026-02-30T12:00", None),
        ("now", None),
        ("", None),
    ],
)
def test_a_moment(text, moment):
    assert moment_in(text) == moment


@pytest.mark.parametrize("text", [None, "", "-1", "1.5", "²", "١", " 1", "1" * 19])
def test_no_whole_number(text):
    assert whole_number(text) is None


def test_a_whole_number():
    assert (whole_number("0"), whole_number("9" * 18)) == (0, 10**18 - 1)
