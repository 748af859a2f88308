"""While many guess passwords, others work: hashing waits in a queue that holds no connection of the database."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlencode

import pytest

from tests.realtime.sockets import session_cookie

TOKEN = "a" * 32
LIMIT = 60
GUESSES = 14  # more than there are connections; fewer than have a place in the queue


def guess(server, number: int) -> int:
    """From an address of its own, at an account of its own: nothing but the hashing slows it."""
    fields = {"login": f"nobody{number}", "password": "wrong", "csrfmiddlewaretoken": TOKEN}
    headers = {
        "Cookie": f"csrftoken={TOKEN}",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Forwarded-For": f"198.51.100.{number}",
    }
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)) as connection:
        connection.request("POST", "/accounts/login/", urlencode(fields), headers)
        return connection.getresponse().status


def page(server, cookie: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT)) as connection:
        connection.request("GET", "/orgs/acme/tasks/", headers={"Cookie": cookie})
        return connection.getresponse().status


@pytest.mark.services
def test_others_read_while_more_guess_than_there_are_connections(acme, server):
    cookie = session_cookie(acme.bob)
    with ThreadPoolExecutor(GUESSES) as pool:
        guesses = [pool.submit(guess, server, number) for number in range(GUESSES)]
        pages = [page(server, cookie) for _ in range(3)]
        were_waiting = [each for each in guesses if not each.done()]
    assert pages == [200] * 3
    assert were_waiting
    # A machine that is busy refuses some, whose turn did not come.
    assert {each.result() for each in guesses} <= {200, 429}
