"""One release after the other on two servers of two workers under load, with the checker of the fault table over it."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.faults.cast import Cast
from bench.faults.evidence import Findings
from bench.faults.row import Row
from bench.faults.scene import Scene
from bench.faults.stage import Stage, System
from bench.releases.making import archive, changed, installed, numbered, unpacked
from bench.releases.trying import ReleaseServer

WORKERS = 2
REPLACED = 120.0  # seconds for two workers of two servers on a busy machine
SECONDS = 60.0
HEARD = "SIGHUP: replacing the workers"


class TwoWorkers(ReleaseServer):
    of_release = WORKERS


RELEASES = System("carillon", TwoWorkers, "config.settings", has_user_sockets=True)


def workers(server: TwoWorkers) -> dict[int, str]:
    """Give the release's folder of each worker."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (path / "cmdline").read_bytes().split(b"\0")
            parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == server.pid and any(b"spawn_main" in word for word in words):
                found[int(path.name)] = words[0].decode().partition("/.venv/")[0]
    return found


class Upgrade:
    """`folder` holds the releases; TwoWorkers.link leads to the one that runs."""

    def __init__(self, folder: Path) -> None:
        self.releases, self.archives = folder / "releases", folder / "archives"
        for each in (self.releases, self.archives):
            each.mkdir()
        self.first = installed(archive(self.archives), self.releases)
        self.next_archive = archive(self.archives, numbered("0.1.1", folder))
        self.next = installed(self.next_archive, self.releases)
        broken = changed({"tasks/views.py": "def broken(:\n"}, folder)
        (folder / "broken").mkdir()
        self.broken = unpacked(archive(folder / "broken", broken), folder / "broken")
        (self.broken / ".venv").symlink_to(self.next / ".venv")
        self.half = unpacked(self.next_archive, folder / "broken").rename(folder / "broken" / "half")
        shutil.rmtree(self.half / "templates")
        (self.half / "FILES.sha256").unlink()
        (self.half / ".venv").symlink_to(self.next / ".venv")
        TwoWorkers.link = folder / "current"
        self.lead_to(self.first)

    def lead_to(self, release: Path) -> None:
        beside = TwoWorkers.link.with_name("next")
        beside.symlink_to(release)
        beside.rename(TwoWorkers.link)


def act(scene: Scene, upgrade: Upgrade) -> None:
    servers = [server for server in scene.servers if isinstance(server, TwoWorkers)]

    def all_of(release: Path) -> bool:
        return all(list(workers(each).values()) == [str(release)] * WORKERS for each in servers)

    def hang_up() -> None:
        """Signals of one kind that wait are one: the next is sent when this one is being acted on."""
        heard = [server.log.count(HEARD) for server in servers]
        for server in servers:
            os.kill(server.pid, signal.SIGHUP)
        scene.wait_until(
            lambda: all(server.log.count(HEARD) > was for server, was in zip(servers, heard, strict=True)),
            "each server hears it",
            REPLACED,
        )

    scene.expect(all_of(upgrade.first), "four workers of the first release")
    with scene.writing_unhindered():
        scene.wait(scene.seconds / 6)
        for release, words in (
            (upgrade.half, "is not unpacked to its end"),
            (upgrade.broken, "was not ready in time"),
        ):
            upgrade.lead_to(release)
            hang_up()
            scene.wait_until(lambda w=words: all(w in server.log for server in servers), words, REPLACED)
            scene.expect(all_of(upgrade.first), f"workers stay where a release {words}")
        told = scene.tracebacks()  # of the broken one, by the workers that did not start
        scene.tracebacks = lambda: Cast.tracebacks(scene) - told
        upgrade.lead_to(upgrade.next)
        hang_up()
        hang_up()
        took = scene.wait_until(lambda: all_of(upgrade.next), "all workers are of the next release", REPLACED)
        scene.wait_until(
            lambda: all(server.log.count("New workers are of Carillon 0.1.1") == 2 for server in servers),
            "each hang-up is heard",
            REPLACED,
        )
        shutil.rmtree(upgrade.first)
        killed = [min(workers(server)) for server in servers]
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        scene.wait_until(
            lambda: all_of(upgrade.next) and not any(set(killed) & set(workers(each)) for each in servers),
            "who was killed has a successor though the first release is gone",
            REPLACED,
        )
        hang_up()
        scene.wait(scene.seconds / 6)
    scene.note(
        f"replaced within {took:.1f} s; {len(scene.seen.writes)} writes; {scene.seen.resumed()} resumed"
    )
    scene.note(f"closes {dict(scene.seen.closes(0))}; slowest event {scene.seen.slowest(0):.1f} s")


def try_upgrade(stage: Stage, folder: Path) -> Findings:
    upgrade = Upgrade(folder)
    row = Row(
        name="upgrade",
        fault="`kill -HUP` onto half a release, a broken one, and the next; the first deleted; workers killed",
        expected="workers of the next release; nothing lost",
        naive="",
        act=lambda scene: act(scene, upgrade),
        set_up=_as_it_is,
    )
    return row.run(stage, RELEASES, SECONDS)


@contextmanager
def _as_it_is(stage: Stage) -> Iterator[Stage]:
    yield stage
