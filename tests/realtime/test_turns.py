"""Each name in turn, and nobody is forgotten."""

from collections import Counter
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from realtime.turns import Turns


def test_within_a_name_first_come_first_served():
    turns = Turns(most=3)
    assert [turns.add("ann", number) for number in range(4)] == [True, True, True, False]
    assert (turns.take(2, 2), bool(turns)) == ([0, 1], True)
    assert (turns.take(5, 5), bool(turns)) == ([2], False)


@given(
    steps=st.lists(
        st.one_of(st.sampled_from("abcd"), st.tuples(st.integers(1, 5), st.integers(1, 3))), max_size=40
    )
)
def test_whoever_waits_has_a_turn_before_another_has_a_second(steps):
    turns, waiting, number = Turns(most=4), [], 0
    for step in steps:
        if isinstance(step, str):
            number += 1
            if turns.add(step, (step, number)):
                waiting.append((step, number))
            else:
                assert sum(name == step for name, _ in waiting) == 4
            continue
        taken = turns.take(*step)
        names = Counter(name for name, _ in taken)
        assert len(taken) <= step[0]
        assert max(names.values(), default=0) <= step[1]
        if any(count > 1 for count in names.values()):
            assert names.keys() == {name for name, _ in waiting}
        for name, ones in groupby(sorted(taken), key=lambda one: one[0]):
            of_name = [one for one in waiting if one[0] == name]
            assert list(ones) == of_name[: names[name]]
        waiting = [one for one in waiting if one not in taken]
        assert bool(turns) == bool(waiting)
