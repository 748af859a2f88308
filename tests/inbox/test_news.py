"""What is told of a save: to each for the strongest reason that any of its parts gives."""

from functools import reduce

import pytest

from events.facts import Fact, TextsErased
from inbox.models import Reason
from inbox.news import NOTHING, News
from inbox.reasons import reasons, strength


class Told(Fact, frozen=True):
    action = "told"


class Whispered(Fact, frozen=True):
    action = "whispered"
    to_all = False


def together(*parts):
    return reduce(lambda news, part: news.with_part(*part), parts, NOTHING)


@pytest.mark.parametrize("turn", [1, -1])
def test_the_strongest_reason_of_all_parts_whatever_their_order(turn):
    parts = [(Told(), {1: "participant", 2: "creator"}), (Told(), {1: "mentioned", 3: "org"})]
    assert together(*parts[::turn]) == News({1: "mentioned", 2: "creator", 3: "org"}, to_all=True)


def test_everybody_who_follows_everything_is_told_if_any_part_is_for_them():
    assert together((Whispered(), {1: "creator"}), (Whispered(), {})) == News({1: "creator"}, to_all=False)
    assert together((Whispered(), {}), (Told(), {})).to_all


def test_who_watches_and_is_told_for_more_is_told_for_the_watch_too():
    watchers = [1, 2, 3, 4]
    whole = (Told(), {1: "creator", 2: "watching", 3: "mentioned"}, watchers)  # 4 is not reached
    assert sorted(together(whole).watching) == [1]
    assert together((Told(), {5: "creator"}, watchers)).watching == []
    # A subject's own reason is of what watchers do not hear of: alone it says nothing of a watch.
    assert together((Whispered(), {2: "reaction"}, watchers)).watching == []
    assert sorted(together(whole, (Whispered(), {2: "reaction"}, watchers)).watching) == [1, 2]
    assert together(whole).muted_by([1]).watching == []


def test_nobody_only_where_all_parts_are_quiet():
    assert together((TextsErased(), {1: "creator"})).concerns_nobody
    assert together((TextsErased(), {1: "creator"}), (Told(), {2: "creator"})) == News({2: "creator"}, True)


def test_what_reaches_everybody_is_the_strongest_and_what_a_subject_brings_stronger_than_the_rest():
    ranked = sorted(reasons(), key=strength)
    direct = [code for code in ranked if reasons()[code].direct]
    assert ranked[: len(direct)] == direct
    assert [code for code in ranked if code in Reason.values] == Reason.values
    assert ranked[-6:] == Reason.values[-6:]
    assert strength("praised") > strength("org")
