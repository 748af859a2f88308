import json

import pytest

from inbox.models import Reason
from inbox.reasons import direct
from inbox.recipients import muted_by, reason_for
from orgs.models import Membership

ACTOR, MEMBER = 1, 2
ALL, PARTICIPATING, MUTED = Membership.Level.ALL, Membership.Level.PARTICIPATING, Membership.Level.MUTED
MINE, WATCHED = Membership.Level.MINE, Membership.Level.WATCHED

# The whole table: what somebody at a level is told, given their part in the task (None: no part).
TABLE = {
    None: {ALL: "org", PARTICIPATING: None, MINE: None, WATCHED: None, MUTED: None},
    "watching": {ALL: "watching", PARTICIPATING: "watching", MINE: None, WATCHED: "watching", MUTED: None},
    "participant": {
        ALL: "participant",
        PARTICIPATING: "participant",
        MINE: "participant",
        WATCHED: None,
        MUTED: None,
    },
    "creator": {ALL: "creator", PARTICIPATING: "creator", MINE: "creator", WATCHED: None, MUTED: None},
    "assignee": {ALL: "assignee", PARTICIPATING: "assignee", MINE: "assignee", WATCHED: None, MUTED: None},
    "unassigned": {
        ALL: "unassigned",
        PARTICIPATING: "unassigned",
        MINE: "unassigned",
        WATCHED: None,
        MUTED: None,
    },
    "assigned": {
        ALL: "assigned",
        PARTICIPATING: "assigned",
        MINE: "assigned",
        WATCHED: "assigned",
        MUTED: "assigned",
    },
    "mentioned": {
        ALL: "mentioned",
        PARTICIPATING: "mentioned",
        MINE: "mentioned",
        WATCHED: "mentioned",
        MUTED: "mentioned",
    },
}
CASES = [(part, level, told) for part, row in TABLE.items() for level, told in row.items()]


@pytest.mark.parametrize(("part", "level", "told"), CASES)
def test_level_and_part_decide(part, level, told):
    participants = {} if part is None else {MEMBER: part}
    assert reason_for(MEMBER, level, actor_id=ACTOR, participants=participants) == told


@pytest.mark.parametrize(("part", "level", "told"), CASES)
def test_a_fact_that_is_not_for_all_reaches_those_who_take_part(part, level, told):
    participants = {} if part is None else {MEMBER: part}
    answer = reason_for(MEMBER, level, actor_id=ACTOR, participants=participants, to_all=False)
    assert answer == (None if told == "org" else told)


@pytest.mark.parametrize(("part", "level"), [case[:2] for case in CASES])
def test_nobody_is_told_of_their_own_deed(part, level):
    participants = {} if part is None else {MEMBER: part}
    assert reason_for(MEMBER, level, actor_id=MEMBER, participants=participants) is None


@pytest.mark.parametrize(("part", "level", "told"), CASES)
def test_who_muted_the_stream_is_told_what_singles_them_out(part, level, told):
    participants = muted_by({} if part is None else {MEMBER: part}, [MEMBER])
    answer = reason_for(MEMBER, level, actor_id=ACTOR, participants=participants)
    assert answer == (told if part in direct() else None)


def test_a_mute_is_of_one_person():
    participants = muted_by({3: "creator"}, [MEMBER])
    assert reason_for(3, ALL, actor_id=ACTOR, participants=participants) == "creator"
    assert reason_for(4, ALL, actor_id=ACTOR, participants=participants) == "org"


@pytest.mark.parametrize(("part", "level", "told"), CASES)
def test_who_takes_part_and_watches_hears_of_it_as_a_watcher_too(part, level, told):
    participants = {} if part is None else {MEMBER: part}
    answer = reason_for(MEMBER, level, actor_id=ACTOR, participants=participants, watching=[MEMBER])
    assert answer == (part if level == WATCHED else told)
    mute = muted_by(participants, [MEMBER])
    muted = reason_for(MEMBER, level, actor_id=ACTOR, participants=mute, watching=[MEMBER])
    assert muted == (part if part in direct() else None)


@pytest.mark.parametrize("level", Membership.Level.values)
def test_a_subjects_own_reason_is_of_the_kind_that_it_says(level):
    def told(reason):
        return bool(reason_for(MEMBER, level, actor_id=ACTOR, participants={MEMBER: reason}))

    assert told("about_you")
    assert told("reaction") == told("manager") == (level not in (WATCHED, MUTED))


def test_others_parts_are_not_mine():
    assert reason_for(MEMBER, PARTICIPATING, actor_id=ACTOR, participants={3: "mentioned"}) is None


def test_the_table_is_whole():
    assert set(TABLE) == {None, *Reason.values} - {"org"}
    assert all(set(row) == set(Membership.Level.values) for row in TABLE.values())
    assert {part for part, row in TABLE.items() if row[MUTED]} == direct() & set(Reason.values)


def test_an_answer_goes_into_json_as_it_is():
    answer = reason_for(MEMBER, ALL, actor_id=ACTOR, participants={})
    assert json.dumps(answer) == '"org"'
