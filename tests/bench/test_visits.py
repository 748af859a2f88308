"""People who ask over kept connections: whole answers, however they come, and failures that are told."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from bench.visits import Visitors, fresh, request

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell"


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def pool():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def answer(listener, *pieces, times=1):
    """Each request with these pieces, over one connection."""
    with listener.accept()[0] as end:
        for _ in range(times):
            assert end.recv(4096).startswith(b"GET / HTTP/1.1\r\n")
            for piece in pieces:
                end.sendall(piece)


def test_answers_are_read_to_their_end_over_one_connection(listener, pool):
    port = listener.getsockname()[1]
    served = pool.submit(answer, listener, ANSWER[:10], ANSWER[10:-2], ANSWER[-2:], times=3)
    with closing(Visitors(port, 1)) as visitors:
        visited = visitors.visit([lambda: request(port, "/")], least=3)
    served.result()
    assert len(visited.times) == 3
    assert visited.times[0] <= visited.median <= visited.times[-1]


def test_an_answer_that_is_none_is_told(listener, pool):
    port = listener.getsockname()[1]
    pool.submit(answer, listener, b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    with closing(Visitors(port, 1)) as visitors, pytest.raises(AssertionError, match="503"):
        visitors.visit([lambda: request(port, "/")])


def test_fresh_connections_are_one_for_each_answer(listener, pool):
    port = listener.getsockname()[1]
    served = pool.submit(lambda: [answer(listener, ANSWER) for _ in range(2)])
    assert len(list(fresh(port, request(port, "/", keep=False), 2))) == 2
    served.result()
