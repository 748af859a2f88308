"""The CPU counter counts what a process does, and not how long it takes."""

import os
import socket
import subprocess
import sys

import pytest

from bench.processes import all_seconds, connections_below, cpu_seconds, resident_bytes, spent_below
from tests.waiting import LIMIT

WORK = "import time\nwhile time.process_time() < {seconds}: pass\n"
SAY_AND_WAIT = "print('done', flush=True)\ninput()\n"


@pytest.fixture
def run():
    """A Python program that says when it is done and then waits."""
    started = []

    def start(program):
        child = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(child)
        assert child.stdout.readline() == "done\n"
        return child.pid

    yield start
    for child in started:
        child.communicate("\n", timeout=LIMIT)


def test_work_counts(run):
    assert 0.3 <= cpu_seconds(run(WORK.format(seconds=0.3) + SAY_AND_WAIT)) < 1


def test_threads_count_even_when_they_have_ended(run):
    program = f"import threading\ndef work():\n exec({WORK.format(seconds=0.3)!r})\n"
    program += "t = threading.Thread(target=work)\nt.start()\nt.join()\n"
    assert cpu_seconds(run(program + SAY_AND_WAIT)) >= 0.3


def test_children_count(run):
    child = WORK.format(seconds=0.3) + SAY_AND_WAIT
    program = f"import subprocess, sys\nc = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=-1, stdout=-1)\n"
    program += "c.stdout.readline()\n"
    assert cpu_seconds(run(program + SAY_AND_WAIT + "c.communicate(b'\\n')\n")) >= 0.3


def test_waiting_costs_nothing(run):
    pid = run(SAY_AND_WAIT)
    before = cpu_seconds(pid)
    run(WORK.format(seconds=0.2) + SAY_AND_WAIT)  # somebody else's work
    assert cpu_seconds(pid) - before < 0.05


def test_memory_is_what_is_held(run):
    small = resident_bytes(run(SAY_AND_WAIT))
    large = resident_bytes(run("held = bytearray(b'x') * 50_000_000\n" + SAY_AND_WAIT))
    assert 45_000_000 < large - small < 60_000_000


def test_each_process_has_its_own_time(run):
    child = WORK.format(seconds=0.3) + SAY_AND_WAIT
    program = f"import subprocess, sys\nc = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=-1, stdout=-1)\n"
    with spent_below(os.getpid()) as spent:
        pid = run(program + "c.stdout.readline()\n" + SAY_AND_WAIT + "c.communicate(b'\\n')\n")
    others = {one: seconds for one, seconds in spent.items() if one not in (pid, os.getpid())}
    assert max(others.values()) >= 0.3 > spent[pid]


def test_a_process_has_the_connections_that_it_took():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert connections_below(os.getpid(), port) == []
        with socket.create_connection(("127.0.0.1", port)), listener.accept()[0]:
            assert connections_below(os.getpid(), port) == [1]


def test_children_that_have_ended_count_where_that_is_asked(run):
    program = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WORK.format(seconds=0.3)!r}])\n"
    )
    pid = run(program + SAY_AND_WAIT)
    assert all_seconds(pid) - cpu_seconds(pid) >= 0.28  # in ticks of 0.01
