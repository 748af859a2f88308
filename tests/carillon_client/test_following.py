"""A follower gets everything once and in order, whatever its server does meanwhile."""

import itertools
import json

import pytest

from carillon_client.event_stream import Message
from carillon_client.following import AnotherHistory, follow_inbox, follow_log
from carillon_client.problems import Problem, Unreachable


def frame(position):
    return {"type": "task_event", "position": position, "cursor": f"1.{position}.00000000"}


class Server:
    """A log in memory, and what happens at each request: a number of events to give before it breaks, or an error."""

    def __init__(self, events, *acts):
        self.events, self.acts, self.paused = events, list(acts), []

    def pause(self, seconds):
        self.paused.append(seconds)

    def _act(self):
        act = self.acts.pop(0) if self.acts else 10**6
        if isinstance(act, Exception):
            raise act
        return act

    def events_after(self, after):
        return [
            frame(number) for number in range(int(after.split(".")[1]) + 1 if after else 1, self.events + 1)
        ]

    def page(self, after, most=3):
        self._act()
        found = self.events_after(after)
        items = found[:most]
        cursor = items[-1]["cursor"] if items else after or "1.0.00000000"
        return {"items": items, "cursor": cursor, "more": len(found) > most}

    def missed(self, after=None):
        return self.page(after)

    def events_page(self, org, after=None):
        return self.page(after)

    def stream(self, org, after):
        act = self._act()
        self.events += 1
        yield Message("", "welcome", json.dumps({"replay": {"mode": "resume", "missed": 0}}))
        yield None
        for told in itertools.islice(self.events_after(after), act if isinstance(act, int) else None):
            yield Message(told["cursor"], "task_event", json.dumps(told))
        raise Unreachable


FOLLOWS = {
    "log": lambda server: follow_log(_Named(server), "acme"),
    "inbox": lambda server: follow_inbox(server),
}


class _Named:
    """`events` is a method of a client, and a number of the server above."""

    def __init__(self, server):
        self.pause, self.stream, self.events = server.pause, server.stream, server.events_page


@pytest.mark.parametrize("follow", FOLLOWS.values(), ids=FOLLOWS)
@pytest.mark.parametrize(
    "acts",
    [
        [],
        [Unreachable(), 1, Unreachable(), 1, 2, Unreachable(), 1],
        [1, 1, Problem(503, {}, "5"), 1, 0, 1, 1, 1, 2, Problem(429, {}, "1")],
        [1, 1, 1, 1, 1, Unreachable(), Unreachable(), Unreachable(), 1, 0, 1, 0],
    ],
)
def test_everything_comes_once_and_in_order(follow, acts):
    server = Server(10, *acts)
    got = [told["position"] for told in itertools.islice(follow(server), 30)]
    assert got == list(range(1, 31))


def test_pauses_grow_and_heed_the_server():
    server = Server(1, *[Unreachable()] * 6, Problem(503, {}, "7"))
    next(follow_inbox(server))
    assert len(server.paused) == 7
    assert server.paused[-1] >= 7
    assert all(seconds <= 30 for seconds in server.paused)


def test_a_hole_in_the_stream_is_read_in_pages():
    class Holed(Server):
        def stream(self, org, after):
            self.events = 12
            yield Message("", "task_event", json.dumps(frame(12)))

    assert [told["position"] for told in itertools.islice(follow_log(_Named(Holed(10)), "acme"), 12)] == [
        *range(1, 13)
    ]


@pytest.mark.parametrize(
    ("refusal", "raised"),
    [
        (Problem(410, {"code": "another_history"}), AnotherHistory),
        (Problem(401, {"code": "invalid_token"}), Problem),
        (Problem(404, {"code": "not_found"}), Problem),
    ],
)
def test_what_would_be_refused_again_is_raised(refusal, raised):
    with pytest.raises(raised):
        next(follow_inbox(Server(3, refusal)))


@pytest.mark.parametrize("follow", [follow_log, follow_inbox], ids=["log", "inbox"])
def test_an_absence_is_told_once_and_so_is_its_end(follow):
    server = Server(3, *[Unreachable()] * 3, Problem(503, {}, "1"), 10, Unreachable(), 10, 10)
    told = []
    named = [_Named(server), "acme"] if follow is follow_log else [server]
    frames = follow(*named, away=told.append)
    assert [frame["position"] for frame in itertools.islice(frames, 4)] == [1, 2, 3, 4]
    assert [refused and type(refused) for refused in told] == [Unreachable, None, Unreachable, None]


def test_what_ends_it_is_no_absence():
    told = []
    with pytest.raises(Problem):
        next(follow_inbox(Server(3, Problem(401, {})), away=told.append))
    assert told == []
