"""How servers and followers end: exit codes that a supervisor understands, and no worker without its parent."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.realtime.processes import serves, workers_of
from tests.waiting import LIMIT, wait_until

AWAY = "redis://127.0.0.1:9/0"  # nobody has to hear a hint here
COMMAND = [sys.executable, "manage.py"]


@pytest.mark.second
@pytest.mark.parametrize("workers, number", [(1, signal.SIGTERM), (2, signal.SIGTERM), (1, signal.SIGINT)])
def test_a_server_that_is_told_to_stop_ends_with_0(start_server, workers, number):
    server = start_server(workers, REDIS_URL=AWAY)
    os.kill(server.pid, number)
    assert server.process.wait(LIMIT) == 0
    assert "Traceback" not in server.log


@pytest.mark.second
def test_workers_of_a_parent_that_was_killed_go_and_the_port_is_free_at_once(
    start_server, server_environment
):
    server = start_server(2, REDIS_URL=AWAY)
    workers = workers_of(server.pid)
    kept = socket.create_connection(("127.0.0.1", server.port))
    os.kill(workers[0], signal.SIGSTOP)  # one that hangs just then
    try:
        os.kill(server.pid, signal.SIGKILL)
        server.process.wait(LIMIT)
        server.start()
    finally:
        os.kill(workers[0], signal.SIGCONT)
    wait_until(lambda: not any(map(serves, workers)), "they have gone")
    kept.close()


def run(environment, *arguments, **more):
    own = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment
    return subprocess.run(
        [*COMMAND, *arguments], env=own, capture_output=True, text=True, timeout=LIMIT, check=False, **more
    )


@pytest.mark.second
def test_a_port_that_is_taken_is_one_sentence_and_1(transactional_db, server_environment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run(server_environment, "serve", "--port", port)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        f"CommandError: Cannot listen on 127.0.0.1, port {port}: Address already in use"
    )


@pytest.mark.second
def test_followers_that_are_told_to_stop_end_with_0(transactional_db, server_environment):
    own = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"} | server_environment
    with subprocess.Popen([*COMMAND, "follow"], env=own, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("Following the logs")
        process.terminate()
        assert process.wait(LIMIT) == 0
