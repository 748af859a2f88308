"""Places: how many there are, whose they are, and who goes first. No clock and no socket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.connections import PATIENCE, Connections

OFFICE, ELSEWHERE = "203.0.113.9", "198.51.100.1"
HEAD = 10.0


class Peer:
    """Remembers what it was told."""

    def __init__(self):
        self.told = []

    def overdue(self):
        self.told.append("overdue")

    def drop(self):
        self.told.append("drop")


class Desk:
    """Connections that are served as soon as they have a place."""

    def __init__(self, total=100, per_address=100):
        self.connections = Connections(total, per_address)
        self.peers = []

    def enter(self, name=OFFICE, now=0.0):
        descriptor = len(self.peers)
        place = self.connections.enter(descriptor, name, now + HEAD, now)
        peer = Peer()
        self.peers.append(peer)
        if place is not None:
            place.peer = peer
        return place

    def told(self):
        return [peer.told for peer in self.peers]


def test_one_address_has_so_many_places_and_others_have_theirs():
    desk = Desk(per_address=2)
    for _ in range(2):
        desk.connections.owes_nothing(desk.enter())
    assert desk.enter() is None
    assert desk.enter(ELSEWHERE)
    assert desk.enter(None)
    desk.connections.leave(0)
    assert desk.enter()


def test_what_is_not_known_and_proxies_count_in_all_only():
    desk = Desk(total=3, per_address=1)
    assert all(desk.enter(None) for _ in range(3))
    assert desk.connections.is_full


def test_at_its_limit_an_address_gives_up_what_it_owes_for_longest():
    desk = Desk(per_address=2)
    served, idle = desk.enter(), desk.enter()
    desk.connections.owes_nothing(served)
    assert idle.address
    assert desk.enter(now=1.0)
    assert desk.told() == [[], ["drop"], []]
    assert len(desk.connections) == 3, "it is a descriptor until it is closed"
    desk.connections.leave(1)
    assert len(desk.connections) == 2


def test_when_all_places_are_taken_those_go_that_owe_for_longest():
    desk = Desk(total=4)
    places = [desk.enter(f"host {number}", now=number / 10) for number in range(4)]
    desk.connections.owes_nothing(places[0])
    desk.connections.owes(places[1], 20.0, now=1.0)  # answered meanwhile: its next request is another debt
    assert desk.connections.is_full
    assert desk.connections.make_room(2.0, count=2)
    assert desk.told() == [[], [], ["drop"], ["drop"]]


def test_what_is_on_the_wire_is_waited_for_a_moment():
    desk = Desk(total=1)
    desk.enter()
    assert desk.connections.make_room(PATIENCE / 2, count=9), "room is a moment away"
    assert desk.told() == [[]]
    assert desk.connections.make_room(PATIENCE, count=9)
    assert desk.told() == [["drop"]]


def test_one_that_nobody_serves_yet_does_not_go():
    desk = Desk(total=1, per_address=1)
    desk.enter().peer = None
    assert desk.connections.make_room(1.0, count=9)
    assert desk.enter(now=1.0) is None


def test_sockets_and_requests_that_we_answer_never_go():
    desk = Desk(total=2)
    desk.connections.owes_nothing(desk.enter())
    desk.connections.answers(desk.enter(), deadline=30.0)
    assert not desk.connections.make_room(5.0, count=9)
    assert desk.told() == [[], []]


def test_whoever_is_late_is_told_once():
    desk = Desk()
    first, second = desk.enter(), desk.enter(now=1.0)
    third = desk.enter(now=2.0)
    desk.connections.owes_nothing(second)
    desk.connections.answers(third, deadline=30.0)
    assert desk.connections.end_overdue(HEAD - 0.1)
    assert desk.connections.end_overdue(HEAD)
    assert desk.told() == [["overdue"], [], []]
    assert not desk.connections.end_overdue(30.0), "nobody has a deadline any more"
    assert desk.told() == [["overdue"], [], ["overdue"]]
    assert first.peer


@given(st.lists(st.tuples(st.sampled_from("elonaq"), st.integers(0, 9)), max_size=60))
def test_whatever_happens_the_books_balance(deeds):
    desk = Desk(total=8, per_address=3)
    connections, gone = desk.connections, set()
    for now, (deed, number) in enumerate(deeds):
        if deed == "e" and not connections.is_full:
            desk.enter("ab"[number % 2], float(now))
        elif deed == "q":
            connections.make_room(float(now), count=1)
        elif number < len(desk.peers) and number not in gone:
            place = connections.place_of(number)
            if deed == "l":
                gone.add(number)
                connections.leave(number)
                connections.leave(number)
            elif deed == "o":
                connections.owes(place, now + HEAD, float(now))
            elif deed == "n":
                connections.owes_nothing(place)
            else:
                connections.answers(place, now + HEAD)
    for number in range(len(desk.peers)):
        connections.leave(number)
    assert len(connections) == 0
    assert connections._addresses == {}


@pytest.mark.parametrize("descriptor", [5, -1])
def test_one_that_was_never_let_in_is_not_counted(descriptor):
    connections = Connections(1, 1)
    place = connections.place_of(descriptor)
    connections.owes(place, 1.0, 0.0)
    connections.owes_nothing(place)
    connections.leave(descriptor)
    assert len(connections) == 0
