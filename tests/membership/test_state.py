"""Folding membership forwards, and backwards from what is known today."""

from collections import namedtuple
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from membership import facts
from membership.state import beginning, evolve, known

Event = namedtuple("Event", "actor_id fact")
PEOPLE, ROLES = range(1, 5), ("owner", "admin", "member", "viewer")


def told(roles, user_id, role):
    """An event that can follow on these roles."""
    former = roles.get(user_id)
    if former is None:
        return Event(9, facts.MemberJoined(user_id, role))
    if role == former:
        return Event(user_id, facts.MemberLeft(former))
    if role == "owner":
        return Event(9, facts.MemberRemoved(user_id, former))
    return Event(9, facts.RoleChanged(user_id, former, role))


members = st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(ROLES))
steps = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ROLES)), max_size=20)


@given(members, steps)
def test_what_held_before_is_found_from_what_holds_today(before, steps):
    roles, events = before, [Event(9, facts.OrganizationRenamed("A", "B", "a", "a"))]
    for step in steps:
        events.append(told(roles, *step))
        roles = evolve(roles, events[-1])
    assert beginning(roles, events) == before
    assert reduce(evolve, events, before) == roles
    assert {user_id: roles.get(user_id) for user_id, _ in steps} == known(events)


def test_an_action_of_a_newer_release_changes_nobody():
    roles = {1: "owner"}
    assert evolve(roles, Event(1, facts.OrganizationCreated("A", "a"))) == roles
