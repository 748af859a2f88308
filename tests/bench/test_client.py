"""The load client over real sockets, against a server whose every byte the test sends itself."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from bench.client import Client, Dial
from bench.frames import mark
from bench.handshake import request
from bench.systems.floor import framed
from tests.waiting import LIMIT, wait_until

UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
QUIET = 0.3  # seconds
PAD = b" " * 600


def frame(number):
    return framed(mark(number).encode() + PAD)


class Hall:
    """A listener, the client, and the server's ends of the client's sockets."""

    def __init__(self, stack, pool):
        self.pool = pool
        self.listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.client = Client()
        stack.callback(self.client.close)
        self.stack = stack

    def open(self, sockets=2, texts=0, *, refuse_first=False):
        port = self.listener.getsockname()[1]
        dial = Dial(port, [request(port, "/")] * sockets, texts=texts, window=sockets)
        opened = self.pool.submit(self.client.open, dial)
        if refuse_first:
            self.accept(b"HTTP/1.1 403 Forbidden\r\n\r\n").close()
        self.ends = [self.accept(UPGRADED) for _ in range(sockets)]
        return opened

    def accept(self, answer):
        end = self.stack.enter_context(self.listener.accept()[0])
        assert end.recv(4096).startswith(b"GET / HTTP/1.1")
        end.sendall(answer)
        return end

    def wait(self, number, quiet=LIMIT):
        return self.pool.submit(self.client.wait, mark(number).encode(), quiet)


@pytest.fixture
def hall():
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(1))
        yield Hall(stack, pool)


def test_frames_that_a_server_drops_are_lost(hall):
    assert hall.open().result().refused == 0
    hall.client.start(10_000)
    one, two = hall.ends
    one.sendall(frame(1) + frame(2) + frame(3))
    two.sendall(frame(1) + frame(3))
    assert hall.wait(3).result()[0] == 0
    heard, cpu = hall.client.finish({1: 0.0, 2: 0.0, 3: 0.0})
    assert (heard.frames, heard.lost, heard.frame_bytes) == (5, 1, 600 + len(mark(1)))
    assert cpu > 0


def test_a_socket_that_stays_silent_is_missing(hall):
    hall.open().result()
    hall.client.start(10_000)
    hall.ends[0].sendall(frame(1))
    assert hall.wait(1, QUIET).result()[0] == 1
    assert hall.client.finish({1: 0.0})[0].lost == 1


def test_a_socket_that_is_closed_has_lost_the_rest(hall):
    hall.open().result()
    hall.client.start(10_000)
    for end in hall.ends:
        end.sendall(frame(1))
    hall.ends[1].close()
    hall.ends[0].sendall(frame(2))
    hall.wait(2, QUIET).result()
    assert hall.client.finish({1: 0.0, 2: 0.0})[0].lost == 1


def test_a_frame_in_two_parts_is_one_even_when_its_mark_is_cut(hall):
    hall.open(sockets=1).result()
    hall.client.start(10_000)
    whole = frame(7)
    cut = whole.index(b"#E") + 4
    waited = hall.wait(7)
    hall.ends[0].sendall(whole[:cut])
    wait_until(lambda: hall.client.recording.at == cut, "the first part to be read")
    hall.ends[0].sendall(whole[cut:])
    assert waited.result()[0] == 0
    heard, _ = hall.client.finish({7: 0.0})
    assert (heard.frames, heard.lost, heard.doubled) == (1, 0, 0)


def test_pings_are_answered(hall):
    hall.open(sockets=1).result()
    hall.client.start(10_000)
    waited = hall.wait(1)
    hall.ends[0].sendall(b"\x89\x04ping")
    assert hall.ends[0].recv(100) == b"\x8a\x84\0\0\0\0ping"
    hall.ends[0].sendall(frame(1))
    assert waited.result()[0] == 0


def test_a_server_that_only_pings_is_not_waited_for(hall):
    """Sockets that were opened over many seconds are pinged over as many: there is no silence."""
    hall.open(sockets=1).result()
    hall.client.start(10_000)
    waited = hall.wait(1, QUIET)
    wait_until(lambda: hall.ends[0].send(b"\x89\x04ping") and waited.done(), "the client to give up")
    assert waited.result()[0] == 1


def test_a_server_that_never_comes_to_an_end_is_not_waited_for(hall, monkeypatch):
    monkeypatch.setattr("bench.recording.LIMIT", 2 * QUIET)
    hall.open(sockets=1).result()
    hall.client.start(10_000)
    waited = hall.wait(2, QUIET)
    wait_until(lambda: hall.ends[0].send(frame(1)) and waited.done(), "the client to give up")
    assert waited.result()[0] == 1


def test_a_socket_is_open_only_after_its_first_frames(hall):
    opened = hall.open(sockets=1, texts=2)
    hall.ends[0].sendall(framed(b"welcome" + PAD))
    with pytest.raises(TimeoutError):
        opened.result(timeout=0.1)
    hall.ends[0].sendall(framed(b"replayed" + PAD))
    assert opened.result().seconds > 0.1


def test_who_is_refused_comes_again(hall):
    assert hall.open(sockets=1, refuse_first=True).result().refused == 1
