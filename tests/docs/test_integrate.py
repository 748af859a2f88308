"""The programs of docs/integrate.md, as they stand there, against the product as a server."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from events.models import LogHead, TaskEvent
from membership import service_accounts
from tests.conftest import StartServer
from tests.docs.documents import ROOT, text_of
from tests.tasks.acme import Team, comment, new_task
from tests.tokens.making import new_token
from tests.waiting import wait_until
from tokens.scopes import ADMIN, INBOX, READ, WRITE

PAGE = text_of("docs/integrate.md")
PROGRAMS = dict(re.findall(r"`(\w+\.py)`[^\n]*(?:\n[^`\n]+)*\n\n```python\n(.*?)```", PAGE, re.DOTALL))
SETTINGS, ASK_WHO, MAKE_WEBHOOK = "export ", "api/v1/me", "/webhooks"


def commands(word: str) -> str:
    """The block of the shell with that word, without the line that the reader fills in."""
    (block,) = (found for found in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if word in found)
    return "".join(line for line in block.splitlines(keepends=True) if not line.startswith(SETTINGS))


class Desk:
    """A folder with the programs, and what an integrator has set."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        for name, text in PROGRAMS.items():
            (folder / name).write_text(text)

    def environment(self, token: str) -> dict[str, str]:
        named = {"CARILLON_URL": self.url, "CARILLON_ORG": "acme", "CARILLON_TOKEN": token}
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **named}

    @contextmanager
    def running(self, name: str, token: str) -> Iterator[subprocess.Popen[bytes]]:
        """The program under way, killed at the end as a machine that loses its power would."""
        with subprocess.Popen(
            [sys.executable, name], cwd=self.folder, env=self.environment(token)
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def said(self, *command: str, token: str, code: int = 0) -> str:
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(token),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == code, ended.stderr
        return ended.stdout


@pytest.fixture
def desk(acme: Team, start_server: StartServer, tmp_path: Path) -> Desk:
    return Desk(tmp_path, start_server(OUTBOUND_LOOPBACK="1").base_url)


def test_the_page_can_be_read_at_once():
    assert len(PAGE.splitlines()) <= 125
    assert PROGRAMS.keys() == {"bot.py", "archive.py", "check.py"}


@pytest.mark.first
def test_the_commands_do_what_is_said_of_them(acme: Team, desk: Desk):
    token = new_token(acme.alice, [READ, ADMIN]).text
    assert json.loads(desk.said("sh", "-euc", commands(ASK_WHO), token=token))["username"] == "alice"
    made = json.loads(desk.said("sh", "-euc", commands(MAKE_WEBHOOK), token=token))
    assert made["secret"].startswith("whsec_")
    assert made["webhook"]["state"] == "active"


@pytest.mark.first
def test_the_bot_answers_each_mention_once_though_it_is_killed(acme: Team, desk: Desk):
    bot = service_accounts.make(by=acme.membership(acme.alice), name="bot", role="member").user
    token = new_token(bot, [READ, WRITE, INBOX], acme.organization).text
    place = desk.folder / "bot.place"
    task = new_task(acme, actor=acme.alice)

    def mention() -> TaskEvent:
        event = comment(task, f"@{bot.username} look", actor=acme.alice)
        wait_until(lambda: place.exists() and _position(place) == event.position, "the bot has dealt with it")
        return event

    with desk.running("bot.py", token):
        mention()
        before = place.read_text()
        mention()
    place.write_text(before)  # it was killed between its comment and its place
    comment(task, f"@{bot.username} while you were away", actor=acme.alice)
    with desk.running("bot.py", token):
        mention()
    assert TaskEvent.objects.filter(actor=bot, action="commented").count() == 4


@pytest.mark.first
def test_the_archive_has_the_log_whatever_happens_to_it(acme: Team, desk: Desk):
    token = new_token(acme.bob, [READ]).text
    task = new_task(acme, actor=acme.alice)
    with desk.running("archive.py", token):
        _wait_for_the_end(acme, desk)
        comment(task, "live", actor=acme.alice)
        _wait_for_the_end(acme, desk)
    for number in range(120):  # more than a page
        comment(task, f"{number}", actor=acme.alice)
    with desk.running("archive.py", token):
        _wait_for_the_end(acme, desk)
    comment(task, "not yet", actor=acme.alice)
    position = LogHead.objects.get(organization_id=acme.pk).position
    counted = desk.said(sys.executable, "check.py", token=token)
    assert counted == f"{position - 1} kept, 1 to come, 0 missing or altered\n"

    with sqlite3.connect(desk.folder / "archive.sqlite3") as db:
        db.execute("DELETE FROM event WHERE position = 2")
        db.execute("UPDATE event SET cursor = ? WHERE position = 3", [f"{acme.pk}.3.00000000"])
    assert ", 2 missing or altered" in desk.said(sys.executable, "check.py", token=token, code=1)

    with sqlite3.connect(desk.folder / "archive.sqlite3") as db:  # as if a backup had been restored
        db.execute(
            "UPDATE event SET cursor = ? WHERE position = ?",
            [f"{acme.pk}.{position - 1}.00000000", position - 1],
        )
    with desk.running("archive.py", token):
        _wait_for_the_end(acme, desk)
    assert ", 0 missing" in desk.said(sys.executable, "check.py", token=token)


def _position(place: Path) -> int:
    return int(place.read_text().split(".")[1])


def _wait_for_the_end(acme: Team, desk: Desk) -> None:
    """Wait until the archive is where the log ends."""
    end = LogHead.objects.get(organization_id=acme.pk).position

    def newest() -> int | None:
        try:
            with sqlite3.connect(desk.folder / "archive.sqlite3") as db:
                return db.execute("SELECT max(position) FROM event").fetchone()[0]
        except sqlite3.OperationalError:
            return None

    wait_until(lambda: newest() == end, "the archive has it all")
