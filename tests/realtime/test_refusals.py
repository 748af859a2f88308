"""One line a minute for each kind, with a count. No clock."""

from realtime.refusals import EVERY, Refusals


class Minutes:
    """The clock and the log."""

    def __init__(self):
        self.said, self._due = [], []
        self.refusals = Refusals(self._later, self.said.append)

    def _later(self, delay, call):
        assert delay == EVERY
        self._due.append(call)

    def pass_one(self):
        due, self._due = self._due, []
        for call in due:
            call()


def test_the_first_is_said_at_once_and_the_rest_is_counted():
    minutes = Minutes()
    for number in range(1000):
        minutes.refusals.add("Too many", f"from {number}")
    assert minutes.said == ["Too many from 0"]
    minutes.pass_one()
    assert minutes.said[1:] == ["Too many: 999 more in the last minute"]


def test_a_minute_has_one_line_also_when_it_goes_on():
    minutes = Minutes()
    for _ in range(5):
        minutes.refusals.add("Too many", "")
        minutes.refusals.add("Too many", "")
        minutes.pass_one()
    assert len(minutes.said) == 1 + 5
    minutes.pass_one()
    assert len(minutes.said) == 6, "nothing more to say"
    minutes.refusals.add("Too many", "again")
    assert minutes.said[-1] == "Too many again"


def test_kinds_do_not_share_a_line():
    minutes = Minutes()
    for kind in ("Too many", "Too large", "Too many"):
        minutes.refusals.add(kind, "")
    assert minutes.said == ["Too many", "Too large"]
