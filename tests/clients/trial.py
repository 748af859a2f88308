"""`python -m tests.clients.trial [MINUTES]`: both clients keep archives over all ways while 200 changes a minute are
made, connections are cut, workers killed, servers restarted, clients killed, and a backup is restored. Says how each
archive differs from the log."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from bench.ground import Ground, ground
from servers import Relay, UvicornServer
from servers.carillon import ROOT
from servers.process import free_port
from tests.clients.breaking import Faults
from tests.clients.running import NODE, PYTHON, ClientProcess
from tests.clients.verdict import Verdict, compare
from tests.clients.writer import Answer, Person, Writer

CHANGES = 200  # a minute
SETTLED = 120.0  # seconds until archives must have all
STOPPED = 200.0  # seconds that a server may take which is replacing its workers
WAYS = ("socket", "stream", "pages")


class Trial:
    def __init__(self, own: Ground, stack: ExitStack, seconds: float) -> None:
        self.own, self.seconds = own, seconds
        self.changes = round(CHANGES * seconds / 60)
        tokens, bob_id = people()
        environment = own.environment | {"OUTBOUND_LOOPBACK": "1", "LOG_LEVEL": "INFO"}
        self.server = UvicornServer(own.directory, environment, workers=2)
        self.server.stop_limit = STOPPED
        stack.enter_context(self.server)
        self.relay = stack.enter_context(Relay(self.server.port))
        url = f"http://127.0.0.1:{self.relay.port}"
        self.alice, self.bob = (Person(url, tokens[name]) for name in ("alice", "bob"))
        self.bob.asks("PUT", "orgs/acme/level", {"level": "all"})
        for_clients = {"CARILLON_URL": url, "CARILLON_TOKEN": tokens["bob"]}
        port = free_port()
        hook = {"name": "Archive", "address": f"http://127.0.0.1:{port}/hook", "from_start": True}
        secret = self.alice.asks("POST", "orgs/acme/webhooks", hook)["secret"]
        for_webhook = {"WEBHOOK_SECRET": secret, "WEBHOOK_PORT": str(port)}
        self.clients = [
            ClientProcess(own.directory, "Python", PYTHON, for_clients | for_webhook),
            ClientProcess(own.directory, "Node", NODE, for_clients),
        ]  # fmt: skip
        for client in self.clients:
            stack.enter_context(client)
        self.faults = Faults(self.server, self.relay, self.clients)
        self.writer = Writer(self.alice, self.bob, bob_id)
        self.lost = 0

    def run(self) -> None:
        self.write_under_faults(0.4)
        backup, kept = self.back_up(), len(self.writer.answered)
        self.write_under_faults(0.2)
        self.restore(backup)
        self.lost = len(self.writer.answered) - kept
        del self.writer.answered[kept:]
        self.writer.forget_tasks_beyond({org: self.log(org) for org in ("acme", "globex")})
        self.write_under_faults(0.4)

    def write_under_faults(self, part: float) -> None:
        over = threading.Event()
        pause = min(12.0, self.seconds / 32)
        faults = threading.Thread(target=self.faults.run, args=(over, pause))
        faults.start()
        try:
            self.writer.write(round(self.changes * part), self.seconds * part)
        finally:
            over.set()
            faults.join()

    def log(self, org: str) -> list[Answer]:
        return self.alice.log(f"orgs/{org}/events")

    def back_up(self) -> str:
        return self._manage("backup", str(self.own.directory / "backups")).partition(":")[0]

    def restore(self, backup: str) -> None:
        """A server that reads meanwhile may be in its way; it is all or nothing, so it is tried again."""
        for tries_left in reversed(range(4)):
            try:
                self._manage("restore", backup, "--replace")
                break
            except subprocess.CalledProcessError as error:
                if not tries_left:
                    raise AssertionError(error.stderr + error.stdout) from error

    def _manage(self, name: str, *arguments: str) -> str:
        command = [sys.executable, "manage.py", name, *arguments, f"--programs={self.own.postgres.programs}"]
        run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=os.environ)
        return run.stdout

    # --- What came of it -------------------------------------------------------------------------------------

    def verdicts(self) -> dict[str, Verdict]:
        """Compare each archive, and what was answered, with the log as the API has it now."""
        log, own = self.log("acme"), self.bob.log("events")
        found = {}
        for client in self.clients:
            for way in (*WAYS, *(["webhook"] if client.name == "Python" else [])):
                archive = client.archive(f"{way}-log")
                found[f"{client.name}, {way}: the log"] = compare(archive, log, whole_cursors=False)
            for way in WAYS:
                archive = client.archive(f"{way}-own")
                found[f"{client.name}, {way}: notifications"] = compare(archive, own, whole_cursors=True)
        return found

    def settled(self) -> dict[str, Verdict]:
        deadline = time.monotonic() + SETTLED
        while True:
            verdicts = self.verdicts()
            is_over = all(each.is_equal for each in verdicts.values()) and not self.miscounts()
            if is_over or time.monotonic() > deadline:
                return verdicts
            time.sleep(1)

    def miscounts(self) -> list[str]:
        unread = self.bob.asks("GET", "notifications/counts")["counts"]["unread"]
        counted = {
            f"{client.name}, {way}": client.unread(f"{way}-own")
            for client in self.clients
            for way in ("socket", "stream")
        }
        return [
            f"{name} counts {number} unread of {unread}"
            for name, number in counted.items()
            if number != unread
        ]

    def faults_of_writes(self) -> list[str]:
        """Compare what was answered with the log: each change once, none that nobody made."""
        logs = [
            frame for org in ("acme", "globex") for frame in self.log(org) if frame["type"] == "task_event"
        ]
        ids = Counter(frame["event_id"] for frame in logs)
        answered = Counter(frame["event_id"] for frame in self.writer.answered)
        told = {frame["event_id"] for frame in self.bob.log("events") if frame["type"] == "task_event"}
        listed = _listed(self.bob)
        return [
            *(["what was answered is not the log"] if ids != answered else []),
            *([f"{self.writer.unequal} answers differ when asked again"] if self.writer.unequal else []),
            *(["the user's log is not the list of notifications"] if told != listed else []),
        ]


def _listed(bob: Person) -> set[int]:
    address, ids = "notifications?state=all&limit=100", set[int]()
    while address:
        page = bob.asks("GET", address.removeprefix("/api/v1/"))
        ids |= {item["event_id"] for item in page["items"] if item["type"] == "task_event"}
        address = page["next"] or ""
    return ids


def people() -> tuple[dict[str, str], int]:
    """Make Alice, who owns Acme and Globex, and Bob, who belongs to both. Give their tokens, and Bob's id."""
    from django.db import connection

    from membership.services import add_member, create_organization
    from orgs.models import Membership, User
    from tokens.scopes import SCOPES
    from tokens.services import Wish, make

    alice, bob = (User.objects.create_user(name, first_name=name.title()) for name in ("alice", "bob"))
    for slug in ("acme", "globex"):
        organization = create_organization(name=slug.title(), slug=slug, owner=alice)
        add_member(
            by=Membership.objects.get(organization=organization, user=alice), username="bob", role="member"
        )
    tokens = {user.username: make(user, Wish("trial", SCOPES, 1, None)).text for user in (alice, bob)}
    connection.close()
    return tokens, bob.pk


def _keep(directory: Path) -> None:
    """Copy what servers and clients wrote to the folder KEEP, for who looks for a fault."""
    if keep := os.environ.get("KEEP"):
        written = [*directory.glob("*.log"), *directory.glob("*/*.jsonl"), *directory.glob("*/*.unread")]
        for path in written:
            to = Path(keep, path.relative_to(directory))
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, to)


def main(minutes: float) -> int:
    with ground() as own, ExitStack() as stack:
        stack.callback(_keep, own.directory)
        trial = Trial(own, stack, minutes * 60)
        began = time.monotonic()
        trial.run()
        verdicts = trial.settled()
        broken = [*trial.miscounts(), *trial.faults_of_writes()]
        took = time.monotonic() - began
        for name, verdict in verdicts.items():
            print(f"| {name} | {verdict.kept} | {verdict} |", flush=True)
        print(f"{trial.writer.changes} changes in {took:.0f} s, {trial.lost} events gone with the restore, "
              f"{trial.alice.retried + trial.bob.retried} requests sent again")  # fmt: skip
        print("Faults:", ", ".join(f"{name} {times}" for name, times in trial.faults.done.items()))
        for sentence in broken:
            print("BROKEN:", sentence)
        is_clean = not broken and all(each.is_equal for each in verdicts.values())
        return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10))
