"""Kinds, channels, and what the inbox's switches make of a level."""

import itertools

import pytest

from inbox.reasons import direct, reasons
from orgs.models import Membership
from preferences.inbox_levels import SWITCHED, level_of, switches_of
from preferences.kinds import ALWAYS, Channel, Kind, Value, default_of, kind_of, reasons_of, values_of

pytestmark = pytest.mark.once


def test_what_no_switch_of_the_inbox_turns_off_is_what_singles_somebody_out():
    assert {code for code in reasons() if kind_of(code) in ALWAYS} == direct()


def test_each_reason_has_one_kind_and_each_kind_some_reasons():
    assert sorted(itertools.chain.from_iterable(map(reasons_of, Kind))) == sorted(reasons())
    assert all(map(reasons_of, Kind))
    assert kind_of("rights") == Kind.MEMBERSHIPS
    assert kind_of("from_a_newer_release") == Kind.MINE


@pytest.mark.parametrize(("channel", "kind"), list(itertools.product(Channel, Kind)))
def test_the_default_is_something_that_can_be_chosen(channel, kind):
    assert default_of(channel, kind) in values_of(channel, kind)


@pytest.mark.parametrize("level", Membership.Level.values)
def test_a_level_is_what_its_switches_make(level):
    assert level_of(switches_of(level)) == level


@pytest.mark.parametrize("values", list(itertools.product((Value.ON, Value.OFF), repeat=3)))
def test_switches_make_a_level_and_everything_has_the_others_in_it(values):
    switches = dict(zip(SWITCHED, values, strict=True))
    level = level_of(switches)
    everything = switches[Kind.EVERYTHING] == Value.ON
    assert switches_of(level) == (dict.fromkeys(SWITCHED, Value.ON) if everything else switches)
