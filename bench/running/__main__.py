"""`make try-running`: a bare Debian, the page's commands in it one block after the other, and a stranger's look at what
they brought up. Says how long each took and writes that into the page (`--write`)."""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.running.machine import CannotRun, Machine
from bench.running.mistakes import HOST, MISTAKES, commands
from bench.running.page import PAGE, Block, blocks, with_figures

ROOT = Path(__file__).parents[2]
ONLINE = ("packages", "release", "haproxy")  # they fetch packages
SILENCE = 80  # seconds: longer than either proxy waits for what says nothing
STATE = "systemctl --failed --no-legend; journalctl --no-pager -n 60 -u 'carillon*' -u nginx -u haproxy"
REFUSED = (
    ("carillon", "DROP TABLE events_taskevent"),
    ("carillon", "ALTER TABLE events_taskevent DISABLE TRIGGER ALL"),
    ("carillon", "TRUNCATE events_taskevent"),
    ("carillon", "UPDATE events_taskevent SET position = 1"),
    ("carillon", "DELETE FROM events_taskevent"),
    ("carillon", "UPDATE events_loghead SET position = 0"),
    ("carillon", "CREATE TABLE mine (id int)"),
    ("carillon", "SET ROLE carillon_owner"),
    ("carillon_backup", "DELETE FROM orgs_user"),
    ("carillon_backup", "INSERT INTO events_loghead DEFAULT VALUES"),
)
NO = ("permission denied", "must be owner", "append-only", "only moves forward")
VISITOR = Path(__file__).with_name("visitor.py").read_text(encoding="utf-8")


class Trial:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.took: list[tuple[str, float]] = []

    def step(self, name: str, deed: Callable[[], object]) -> None:
        print(f"{name} ...", flush=True)
        began = time.monotonic()
        try:
            said = deed()
        except AssertionError:
            print(self.machine.run(STATE, check=False))
            raise
        self.took.append((name, time.monotonic() - began))
        if isinstance(said, str):
            print("".join(f"    {line}\n" for line in said.splitlines()[-20:]), end="", flush=True)

    def run(self, page: list[Block], silence: float) -> None:
        self.step("a bare Debian", self.machine.make)
        self.step("its start", self.machine.start)
        self._bring()
        for block in page:
            self.step(
                block.name, lambda block=block: self.machine.run(block.commands, online=block.name in ONLINE)
            )
            if block.name == "visit":
                self.step("a look through nginx", lambda: self._visit(silence))
                self.step("what the roles may not", self._roles)
                self.step("mistakes in nginx", self._mistakes)
            elif block.name == "haproxy":
                self.step("a look through HAProxy", lambda: self._visit(silence))

    def _bring(self) -> None:
        """Bring what the page takes for granted: the archive, and a name that leads to this machine."""
        subprocess.run([".ci/release", self.machine.root / "root"], cwd=ROOT, check=True, capture_output=True)
        (self.machine.root / "root" / "visitor.py").write_text(VISITOR, encoding="utf-8")
        with (self.machine.root / "etc" / "hosts").open("a") as hosts:
            hosts.write(f"127.0.0.1 localhost {HOST}\n")

    def _roles(self) -> str:
        """See that the role that serves is refused what would undo the log, and that the others can do no more."""
        refused = []
        for user, statement in REFUSED:
            ask = f"cd /; runuser -u {user} -- psql -qd carillon -c '{statement}' 2>&1"
            said = self.machine.run(ask, check=False).partition("ERROR:")[2].strip().splitlines()
            assert said and any(words in said[0] for words in NO), (user, statement, said)
            refused.append(f"{user}, {statement}: {said[0]}")
        return "\n".join(refused)

    def _mistakes(self) -> str:
        for mistake in MISTAKES:
            said = self.machine.run(commands(mistake)).strip()
            assert mistake.seen in said, (mistake.name, said)
        return ", ".join(mistake.name for mistake in MISTAKES)

    def _visit(self, silence: float) -> str:
        python = "/opt/carillon/current/.venv/bin/python"
        return self.machine.run(f'{python} visitor.py {HOST} "$(carillon setup_code)" {silence:g}')


def table(took: list[tuple[str, float]]) -> str:
    rows = "\n".join(f"| {name} | {seconds:,.1f} |" for name, seconds in took)
    return f"| step | seconds |\n|---|---:|\n{rows}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.running", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the figures into docs/running.md")
    parser.add_argument("--base", type=Path, help="a root that debootstrap made, to be copied")
    parser.add_argument(
        "--silence", type=float, default=SILENCE, help="seconds that a silent socket must stay open"
    )
    options = parser.parse_args()
    text = PAGE.read_text(encoding="utf-8")
    try:
        with Machine(options.base) as machine:
            trial = Trial(machine)
            trial.run(blocks(text), options.silence)
    except CannotRun as reason:
        print(f"Skipped: {reason}.")
        return 0
    print(table(trial.took))
    if options.write:
        PAGE.write_text(with_figures(text, table(trial.took)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
