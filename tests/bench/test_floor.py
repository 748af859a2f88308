"""The floor and the load client, each in a process of its own, with a real Redis between publisher and server."""

from types import SimpleNamespace

import pytest
import redis
from django.conf import settings

from bench.crowd import Crowd
from bench.frames import mark
from bench.systems.bare import Floor

pytestmark = pytest.mark.services
SOCKETS, EVENTS = 20, 300


@pytest.fixture
def floor(tmp_path):
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        environment = {"REDIS_URL": settings.REDIS_URL}
        system = Floor(SimpleNamespace(directory=tmp_path, environment=environment, redis=connection))
        system.start()
        yield system
        system.stop()


def test_every_socket_gets_every_event(floor):
    numbers = range(1, EVENTS + 1)
    with Crowd() as crowd:
        assert crowd.open(floor.dial(SOCKETS, SOCKETS, window=SOCKETS)).refused == 0
        crowd.start(EVENTS)
        crowd.expect(mark(EVENTS), quiet=10)
        for number in numbers:
            floor.publish(SimpleNamespace(text=mark(number) + "x" * 600))
        assert crowd.waited()[0] == 0
        heard, _ = crowd.finish(dict.fromkeys(numbers, 0.0))
    assert (heard.frames, heard.lost, heard.doubled, heard.disordered) == (SOCKETS * EVENTS, 0, 0, 0)


def test_what_goes_wrong_in_the_client_is_raised_here(floor):
    with Crowd() as crowd, pytest.raises(AssertionError):
        crowd.finish({})
