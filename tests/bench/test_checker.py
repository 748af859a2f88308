"""The checker: each damage is counted, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.faults.checker import Damage, check, check_socket
from bench.faults.history import Closed, Connected, Record, Shown, Span

ACME, GLOBEX, STRANGE = 1, 2, 3
LOG = {ACME: [10, 12, 13, 17, 18, 20], GLOBEX: [11, 14, 15, 16, 19], STRANGE: [21, 22, 23]}


def shown(org_id: int, *positions: int) -> list[Shown]:
    return [Shown(0.0, org_id, position, LOG[org_id][position - 1]) for position in positions]


def start(**cursor: int) -> Connected:
    return Connected(0.0, {ACME: cursor.get("acme", 0), GLOBEX: cursor.get("globex", 0)}, True)


def acme(*history, until=None, after=0, ended=False) -> Damage:
    return check_socket(Record("a socket", {ACME: Span(after, until)}, list(history), ended), LOG)


def test_all_in_order_is_no_damage():
    assert not acme(start(), *shown(ACME, 1, 2, 3, 4, 5, 6))
    assert not acme(start(acme=4), *shown(ACME, 5, 6))


def test_what_is_missing_is_lost_at_the_start_in_the_middle_and_at_the_end():
    assert acme(start(), *shown(ACME, 2, 3, 4, 5, 6)) == Damage(lost=1)
    assert acme(start(), *shown(ACME, 1, 2, 5, 6)) == Damage(lost=2)
    assert acme(start(), *shown(ACME, 1, 2)) == Damage(lost=4)


def test_a_socket_that_never_connected_lost_everything():
    assert acme() == Damage(lost=6)


def test_a_resumed_connection_forgives_nothing():
    resumed = Connected(1.0, {ACME: 4}, False)
    assert acme(start(), *shown(ACME, 1, 2), Closed(0.5, 1006), resumed, *shown(ACME, 5, 6)) == Damage(lost=2)


def test_after_a_reset_the_lists_were_read_again_but_holes_before_it_stay():
    assert not acme(start(), *shown(ACME, 1, 2), start(acme=5), *shown(ACME, 6))
    assert acme(start(), *shown(ACME, 1, 3), start(acme=5), *shown(ACME, 6)) == Damage(lost=1)


def test_a_frame_from_before_the_start_came_twice():
    assert acme(start(acme=4), *shown(ACME, 4, 5, 6)) == Damage(duplicated=1)


def test_a_member_who_left_misses_nothing_after_and_must_not_see_it():
    assert not acme(start(), *shown(ACME, 1, 2, 3), until=3)
    assert acme(start(), *shown(ACME, 1, 2, 3, 4), until=3) == Damage(foreign=1)
    assert acme(start(), *shown(ACME, 1, 2), until=3) == Damage(lost=1)


def test_whoever_was_sent_away_is_owed_nothing_after_the_last_frame():
    assert not acme(start(), *shown(ACME, 1, 2), ended=True)
    assert acme(start(), *shown(ACME, 1, 3), ended=True) == Damage(lost=1)


def test_a_member_who_joined_is_owed_what_came_since():
    assert acme(start(), *shown(ACME, 5, 6), after=4) == Damage()
    assert acme(start(), *shown(ACME, 4, 5, 6), after=4) == Damage(foreign=1)


def test_another_event_at_a_known_position_is_a_phantom_and_the_true_one_is_lost():
    rolled_back = Shown(0.0, ACME, 3, 9999)
    history = [*shown(ACME, 1, 2), rolled_back, *shown(ACME, 4, 5, 6)]
    assert acme(start(), *history) == Damage(lost=1, phantom=1)


def test_damage_reads_as_a_sentence():
    assert str(Damage()) == "none"
    assert str(Damage(lost=1200, out_of_order=1)) == "lost 1,200, out of order 1"


# --- Any history, any damage --------------------------------------------------------------------------------


@st.composite
def honest_records(draw):
    """Two logs read side by side, with connections that break and resume, and resets."""
    starts = {org_id: draw(st.integers(0, len(LOG[org_id]))) for org_id in (ACME, GLOBEX)}
    left = {org_id: list(range(starts[org_id] + 1, len(LOG[org_id]) + 1)) for org_id in starts}
    history = [Connected(0.0, dict(starts), True)]
    stands = dict(starts)
    while any(left.values()):
        org_id = draw(st.sampled_from([org_id for org_id, rest in left.items() if rest]))
        stands[org_id] = left[org_id].pop(0)
        history += shown(org_id, stands[org_id])
        if draw(st.integers(0, 5)) == 0:
            history += [Closed(0.0, 1006), Connected(0.0, dict(stands), False)]
    return Record("a socket", {ACME: Span(), GLOBEX: Span()}, history)


def frames_of(record) -> list[int]:
    return [index for index, step in enumerate(record.history) if isinstance(step, Shown)]


@given(honest_records())
def test_honest_records_have_no_damage(record):
    assert check([record, record], LOG) == Damage()


def lose(record, where):
    del record.history[where]
    return Damage(lost=1)


def repeat(record, where):
    record.history.append(record.history[where])
    return Damage(duplicated=1)


def delay(record, where):
    """Behind a later frame of the same log, where there is one."""
    frame = record.history[where]
    later = [i for i in frames_of(record) if i > where and record.history[i].org_id == frame.org_id]
    if later:
        record.history.insert(later[-1] + 1, frame)
        del record.history[where]
    return Damage(out_of_order=1 if later else 0)


def intrude(record, where):
    record.history.insert(where, shown(STRANGE, 2)[0])
    return Damage(foreign=1)


def invent(record, where):
    frame = record.history[where]
    record.history.insert(where, Shown(0.0, frame.org_id, frame.position, frame.event_id + 1000))
    return Damage(phantom=1)


def overshoot(record, where):
    record.history.insert(where, Shown(0.0, ACME, len(LOG[ACME]) + 1, 99))
    return Damage(phantom=1)


DAMAGES = [lose, repeat, delay, intrude, invent, overshoot]


@pytest.mark.parametrize("damage", DAMAGES)
@given(record=honest_records(), data=st.data())
def test_one_damage_is_counted_and_nothing_else(damage, record, data):
    frames = frames_of(record)
    if not frames:
        return
    expected = damage(record, data.draw(st.sampled_from(frames)))
    assert check_socket(record, LOG) == expected


@given(st.lists(st.tuples(honest_records(), st.sampled_from(DAMAGES)), max_size=6), st.data())
def test_damages_of_several_sockets_add_up(pairs, data):
    expected, records = Damage(), []
    for record, damage in pairs:
        if frames := frames_of(record):
            expected += damage(record, data.draw(st.sampled_from(frames)))
        records.append(record)
    assert check(records, LOG) == expected
