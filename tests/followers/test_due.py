"""What is due at a time is done by one of several, on time."""

import datetime as dt

import pytest
from django.utils import timezone

from followers import due
from followers.due import Clock
from followers.leases import Leases

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def asked(monkeypatch):
    """The moments at which something registered was asked; `asked.next` is what it answers."""

    class Asked(list):
        next = None

        def do(self, now):
            self.append(now)
            return self.next

    asked = Asked()
    monkeypatch.setattr(due, "DUE", {"snoozes": asked.do})
    return asked


@pytest.fixture
def at(monkeypatch):
    """Sets the clock, in seconds from now on."""
    start = timezone.now()

    def at(seconds):
        monkeypatch.setattr(due.timezone, "now", lambda: start + seconds * SECOND)

    at(0)
    return at


def test_it_is_asked_again_when_it_said(asked, at, settings):
    settings.POLL_SECONDS = 60.0
    clock = Clock(Leases())
    asked.next = timezone.now() + 5 * SECOND
    assert clock.run() == 5.0
    at(4)
    clock.run()
    assert len(asked) == 1
    at(5)
    clock.run()
    assert len(asked) == 2


def test_what_comes_to_be_due_sooner_is_found_within_the_poll(asked, at, settings):
    settings.POLL_SECONDS = 2.0
    clock = Clock(Leases())
    assert clock.run() == 2.0  # it knows of nothing
    at(2)
    clock.run()
    assert len(asked) == 2


def test_one_of_several_does_it_and_another_when_that_one_is_gone(asked, at, settings):
    settings.POLL_SECONDS = 2.0
    first, second = Leases(-1.0), Leases()
    one, two = Clock(first), Clock(second)
    one.run()
    two.run()
    assert len(asked) == 2  # the first one's lease was over at once
    at(2)
    one.run()
    assert len(asked) == 2
    two.run()
    assert len(asked) == 3


def test_a_failure_is_told_and_tried_again(asked, at, monkeypatch, caplog):
    def fails(now):
        raise ValueError("a mistake")

    monkeypatch.setattr(due, "DUE", {"broken": fails, "snoozes": asked.do})
    clock = Clock(Leases())
    clock.run()
    assert "What is due could not be done: broken" in caplog.text
    assert len(asked) == 1
    monkeypatch.setattr(due, "DUE", {"broken": asked.do})
    at(31)
    clock.run()
    assert len(asked) == 2


def test_with_nothing_registered_there_is_nothing_to_wait_for(monkeypatch):
    monkeypatch.setattr(due, "DUE", {})
    assert Clock(Leases()).run() > 1e6
