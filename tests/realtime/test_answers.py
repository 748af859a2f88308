"""Answers on a kept connection leave at once. With Nagle's algorithm the second piece of each waits for the client's
acknowledgement, which comes 40 ms late."""

import socket
import statistics
import time
from contextlib import ExitStack, closing
from http.client import HTTPConnection

import pytest

from servers.relay import Relay

pytestmark = pytest.mark.second
TRIES = 5  # a busy machine is late now and then, Nagle's algorithm always
SOON = 0.03  # seconds, for the middle one of ten answers


def ten_answers(port: int) -> float:
    """The median time of an answer, in seconds."""
    times = []
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(10):
            start = time.perf_counter()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            times.append(time.perf_counter() - start)
    return statistics.median(times)


@pytest.mark.parametrize("behind_a_proxy", [False, True])
def test_ten_answers_over_one_connection_leave_at_once(server, behind_a_proxy):
    with ExitStack() as stack:
        port = stack.enter_context(Relay(server.port)).port if behind_a_proxy else server.port
        assert min(ten_answers(port) for _ in range(TRIES)) < SOON
