"""Who holds a place in this process, and who has to go first when there is none left. Pure: the caller brings the clock
(seconds, of any clock that never goes back).

A connection owes something while we wait for it: a request's head, its body, or its next request. Whoever has owed for
longest goes first; an established socket, or a request that we are answering, never does.
"""

from __future__ import annotations

from typing import Protocol

PATIENCE = 0.05  # seconds that a new debt has at least: what is on the wire already needs no more


class Peer(Protocol):
    """The protocol that serves a connection."""

    def overdue(self) -> None:
        """Hear that what it owes has not come in time, or what we owe it."""

    def drop(self) -> None:
        """Go: somebody else needs its place."""


class Place:
    """`peer` is None until the event loop has made the connection's protocol."""

    __slots__ = ("address", "deadline", "peer", "since")

    def __init__(self, address: Address | None) -> None:
        self.address = address
        self.peer: Peer | None = None
        self.since = self.deadline = 0.0


class Address:
    """What one address holds."""

    __slots__ = ("name", "open", "owing")

    def __init__(self, name: str) -> None:
        self.name, self.open = name, 0
        self.owing: dict[Place, None] = {}


class Connections:
    """At most `total` in all and `per_address` of one address. None as address: not known, or a proxy's."""

    def __init__(self, total: int, per_address: int) -> None:
        self.total, self.per_address = total, per_address
        self._places: dict[int, Place] = {}  # by descriptor
        self._addresses: dict[str, Address] = {}
        self._owing: dict[Place, None] = {}  # the oldest debt first
        self._answering: dict[Place, None] = {}  # handshakes that wait for us

    def __len__(self) -> int:
        return len(self._places)

    @property
    def is_full(self) -> bool:
        return len(self._places) >= self.total

    def enter(self, descriptor: int, name: str | None, deadline: float, now: float) -> Place | None:
        """Take a place that owes a head until `deadline`. None when its address holds as many as it may, and none of
        them can go."""
        address = self._addresses.get(name) if name else None
        if (
            address is not None
            and address.open >= self.per_address
            and not self._drop_one(address.owing, now)
        ):
            return None
        if name and address is None:
            address = self._addresses[name] = Address(name)
        place = self._places[descriptor] = Place(address)
        if address is not None:
            address.open += 1
        self.owes(place, deadline, now)
        return place

    def leave(self, descriptor: int) -> None:
        """Give up the place: its descriptor is closed. More than once is no harm."""
        place = self._places.pop(descriptor, None)
        if place is not None:
            self.owes_nothing(place)
            self._answering.pop(place, None)
            self._give_back(place)
            place.peer = None

    def place_of(self, descriptor: int) -> Place:
        """Find the place of a descriptor. One that was never let in has a place that nobody counts."""
        return self._places.get(descriptor) or Place(None)

    def owes(self, place: Place, deadline: float, now: float) -> None:
        """Begin a new debt, behind all others."""
        self.owes_nothing(place)
        place.since, place.deadline = now, deadline
        self._owing[place] = None
        if place.address is not None:
            place.address.owing[place] = None

    def owes_nothing(self, place: Place) -> None:
        if place in self._owing:
            del self._owing[place]
            if place.address is not None:
                place.address.owing.pop(place, None)

    def answers(self, place: Place, deadline: float) -> None:
        """Owe an answer to its handshake: nobody's fault but ours, so it never has to go for another."""
        self.owes_nothing(place)
        place.deadline = deadline
        self._answering[place] = None

    def make_room(self, now: float, count: int) -> bool:
        """Drop so many of those that have owed for longest. False when nobody owes anything; True also when all debts
        are too new, so that room is a moment away."""
        if not self._owing:
            return False
        while count and self._drop_one(self._owing, now):
            count -= 1
        return True

    def end_overdue(self, now: float) -> bool:
        """Tell all whose time is over. Returns whether anybody is left who has a deadline."""
        for waiting in (self._owing, self._answering):
            for place in [place for place in waiting if place.deadline <= now]:
                self.owes_nothing(place)
                self._answering.pop(place, None)
                if place.peer is not None:
                    place.peer.overdue()
        return bool(self._owing or self._answering)

    def _drop_one(self, owing: dict[Place, None], now: float) -> bool:
        place = next(iter(owing), None)
        if place is None or place.peer is None or now - place.since < PATIENCE:
            return False
        self.owes_nothing(place)
        self._give_back(place)
        place.peer.drop()
        return True

    def _give_back(self, place: Place) -> None:
        """Count it as a descriptor from here on, but no longer as its address's."""
        address, place.address = place.address, None
        if address is not None:
            address.open -= 1
            if not address.open:
                del self._addresses[address.name]
