"""The most telling row of the fault matrix, for a few seconds. `make faults` runs all of them for a minute, and the
same against a naive system."""

import pytest

from bench.faults.rows.processes import server_killed
from bench.faults.stage import CARILLON, Stage
from servers import Redis

pytestmark = pytest.mark.services
SECONDS, SOCKETS = 4.0, 24


@pytest.fixture
def stage(transactional_db, server_environment, tmp_path):
    """With a Redis of its own to kill; PostgreSQL belongs to all tests."""
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    with Redis(tmp_path) as redis:
        yield Stage(scenes, server_environment | {"REDIS_URL": redis.url}, redis, None)


def test_every_socket_shows_every_event_once_and_in_order_though_servers_are_killed(stage):
    found = server_killed.run(stage, CARILLON, SECONDS, sockets=SOCKETS)
    assert found.is_clean, (str(found.damage), found.broken)
