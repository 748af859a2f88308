"""The commands as they are typed, against the product as a server."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from carillon_client.commands.tail import printable
from tests.tasks.acme import comment, new_task
from tests.tokens.making import new_token
from tests.waiting import LIMIT, wait_until
from tokens.services import revoke

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(transactional_db, acme, server):
    text = new_token(acme.bob).text
    return {"CARILLON_URL": server.base_url, "CARILLON_TOKEN": text, "PATH": os.environ["PATH"], "TZ": "UTC"}


def command(*arguments):
    return [sys.executable, "-m", "operations.entry", *arguments]


def said(environment, *arguments, code=0):
    run = subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == code, run.stderr
    return run.stdout if code == 0 else run.stderr


@contextmanager
def tail(environment, *arguments, stderr=None):
    """A `tail` under way, which says frames."""
    with subprocess.Popen(
        command("tail", "--json", *arguments),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        bufsize=1,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def next_position(process):
    return json.loads(process.stdout.readline())["position"]


@pytest.mark.second
def test_tail_goes_on_where_it_was_killed(acme, environment, tmp_path):
    task = new_task(acme, actor=acme.alice)
    place = tmp_path / "place"
    got = []
    for number, org in enumerate(["acme", "acme"]):
        comment(task, f"@bob {number}", actor=acme.alice)
        with tail(environment, org, "--all", "--state", str(place)) as process:
            while len(got) < 2 + number * 2:
                got.append(next_position(process))
            comment(task, "live", actor=acme.alice)
            got.append(next_position(process))
            wait_until(lambda: place.read_text().split(".")[1] == str(got[-1]), "the place is kept")
    assert got == [1, 2, 3, 4, 5]


@pytest.mark.first
def test_tail_says_that_the_server_is_away_and_when_it_is_back(acme, start_server, tmp_path):
    server = start_server()
    environment = {
        "CARILLON_URL": server.base_url,
        "CARILLON_TOKEN": new_token(acme.bob).text,
        "PATH": os.environ["PATH"],
    }
    task = new_task(acme, actor=acme.alice)
    told = tmp_path / "told"
    with told.open("w") as stderr, tail(environment, "acme", "--all", stderr=stderr) as process:
        assert next_position(process) == 1
        server.kill()
        comment(task, "meanwhile", actor=acme.alice)
        away = f"{server.base_url} is away; trying again.\n"
        wait_until(lambda: told.read_text() == away, "it is said that the server is away")
        server.start()
        assert next_position(process) == 2
        comment(task, "afterwards", actor=acme.alice)
        assert next_position(process) == 3
        assert told.read_text() == f"{away}{server.base_url} is back.\n"


@pytest.mark.first
def test_tail_says_why_it_ends(acme, environment, tmp_path):
    new_task(acme, actor=acme.alice)

    def refused(*arguments, **others):
        return said({**environment, **others}, "tail", *arguments, code=1)

    assert "no organization nothing" in refused("nothing")
    assert "no organization globex" in refused("globex", "--all")
    assert refused("acme", CARILLON_TOKEN="crl_x").endswith("(invalid_token)\n")
    assert "a backup was restored" in refused("acme", "--after", f"{acme.pk}.9.00000000")
    place = tmp_path / "place"
    place.write_text("nonsense")
    for wrong in (["--after", "nonsense"], ["--state", str(place)]):
        for org in (["acme"], []):
            assert "Begin anew" in refused(*org, *wrong)


@pytest.mark.first
def test_tail_ends_when_its_token_is_revoked(acme, environment):
    made = new_token(acme.bob)
    environment = {**environment, "CARILLON_TOKEN": made.text}
    new_task(acme, actor=acme.alice)
    with tail(environment, "acme", "--all", stderr=subprocess.PIPE) as process:
        assert next_position(process) == 1
        revoke([made.token])
        frames, words = process.communicate(timeout=LIMIT)
        assert (process.returncode, frames) == (1, "")
        assert "was revoked" in words
        assert words.endswith("(invalid_token)\n")


@pytest.mark.second
def test_inbox_lists_marks_and_takes_back(acme, environment):
    event = comment(new_task(acme, actor=acme.alice), "@bob", actor=acme.alice)
    assert "Alice" in said(environment, "inbox").title()
    assert "Changed 1 notification." in (done := said(environment, "inbox", "done", str(event.pk)))
    assert str(event.pk) in said(environment, "inbox", "list", "--state", "done")
    assert "Changed 1 notification." in said(environment, "inbox", "undo", done.split()[-1])
    assert str(event.pk) in said(environment, "inbox", "list", "--state", "unread")
    assert said({**environment, "CARILLON_TOKEN": "crl_x"}, "inbox", code=1).endswith("(invalid_token)\n")
    assert said({**environment, "CARILLON_URL": ""}, "inbox", code=1).startswith("Set CARILLON_URL")


@pytest.mark.second
def test_an_assistant_reads_and_cannot_write(acme, environment):
    event = comment(new_task(acme, actor=acme.alice), "@bob the hinge", actor=acme.alice)
    asyncio.run(asks(environment, event))


async def asks(environment, event):
    parameters = StdioServerParameters(
        command=sys.executable, args=command("mcp")[1:], env=environment, cwd=ROOT
    )
    async with asyncio.timeout(60), stdio_client(parameters) as pipes, ClientSession(*pipes) as session:
        await session.initialize()
        tools = (await session.list_tools()).tools
        assert all(tool.annotations.read_only_hint for tool in tools)

        async def asked(name, **arguments):
            answer = await session.call_tool(name, arguments)
            return answer.is_error, answer.content[0].text

        assert json.loads((await asked("events", org="acme"))[1])["items"][1]["event_id"] == event.pk
        assert "hinge" in (await asked("search", words="hinge"))[1]
        assert "mentioned" in (await asked("why_was_i_told", event_id=event.pk))[1]
        is_error, words = await asked("events", org="globex")
        assert is_error
        assert "access" in words


def test_what_others_wrote_does_not_move_the_cursor():
    assert printable("a\x1b[2Jb\u202ec") == "a�[2Jb�c"
