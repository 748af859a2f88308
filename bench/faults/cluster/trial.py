"""One run of a row on the cluster: people and a writer write, sockets and a mailbox listen, something goes and comes
back, and everything is judged."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from django.db import close_old_connections

from bench.faults.cluster.people import NO_ANSWER, TAKEN, People, lost_and_doubled
from bench.faults.evidence import Findings
from bench.faults.mailing import Readers
from bench.faults.rows.database import until_database_answers
from bench.faults.scene import Scene
from servers.cluster.cluster import Cluster

BACK = 15.0  # seconds: the longest that a write may take, tries again included
WHOLE = 90.0  # seconds that everything may take to be there again, machines that were off included
SETTLE = 3.0  # seconds of writing before the fault, and after it
MAILS = 60.0  # seconds that mails may take in the end
REPEATS = 6  # mails that may come again: those that were being sent when a database or a follower went


@dataclass(frozen=True)
class Load:
    """`people` and `writes` are a second's; the rest are numbers."""

    hosts: int
    sockets: int
    people: float
    writes: float
    authors: int

    def __str__(self) -> str:
        return f"{self.hosts} application hosts, {self.sockets} sockets, {self.people + self.writes:g} writes a second"


FULL = Load(hosts=3, sockets=60, people=5, writes=5, authors=4)
SHORT = Load(hosts=2, sockets=12, people=2, writes=1, authors=2)
LOADS = {"full": FULL, "short": SHORT}


@dataclass(frozen=True)
class ClusterRow:
    """`act` does it and undoes what nobody else would: it turns a machine on again, or mends a link."""

    name: str
    fault: str
    act: Callable[[Cluster, Callable[[float], None]], None]


def tried(row: ClusterRow, cluster: Cluster, scene: Scene, load: Load) -> Findings:
    readers = Readers(scene, count=2)
    with People(scene.world, cluster.url, load.authors, load.people) as people, scene.writing(load.writes):
        scene.wait(SETTLE)
        at = time.monotonic()
        row.act(cluster, scene.wait)
        whole = scene.wait_until(cluster.is_whole, "everything is there again, by itself", WHOLE)
        scene.wait(SETTLE)
    until_database_answers()
    close_old_connections()
    readers.expect_told(REPEATS, MAILS)
    scene.finish()
    _judge(scene, people, at, len(scene.world.organizations) / load.writes)
    scene.note(f"all there again {whole:.0f} s later")
    return scene.found


def _judge(scene: Scene, people: People, at: float, pause: float) -> None:
    """`pause`: seconds between two writes to an organization."""
    lost, doubled = lost_and_doubled(people.taken, people.log())
    longest = max(people.longest(at), _longest_gap(scene, at) - pause)
    scene.expect(not lost, f"what was taken is in the log ({lost} comments are not)")
    scene.expect(not doubled, f"nothing is in the log twice ({doubled} comments are)")
    scene.expect(longest <= BACK, f"writes are back within {BACK:g} s (one took {longest:.1f} s)")
    odd = {status for status in people.answers if status not in (TAKEN, NO_ANSWER, 502, 503, 504)}
    scene.expect(not odd, f"whoever cannot be served is asked to wait (answers: {sorted(odd)})")
    refused = ", ".join(
        f"{count} x {status or 'no answer'}"
        for status, count in sorted(people.answers.items())
        if status != TAKEN
    )
    scene.note(f"longest write {longest:.1f} s; {refused or 'no write refused'}")
    scene.note(f"longest answer {people.slowest_answer:.1f} s")
    scene.expect(scene.seen.resets() == 0, f"nobody starts anew ({scene.seen.resets()} sockets did)")
    closed = sum(scene.seen.closes(at).values())
    scene.note(f"{closed} sockets closed, {scene.seen.resumed()} resumed")
    scene.note(f"slowest event {scene.seen.slowest(at):.1f} s")


def _longest_gap(scene: Scene, since: float) -> float:
    """How long the writer that asks PostgreSQL itself could write to none of an organization."""
    longest = 0.0
    for org_id in {written.org_id for written in scene.seen.writes}:
        done = [each.ended for each in scene.seen.writes if each.org_id == org_id and each.positions]
        moments = [since, *(moment for moment in done if moment >= since)]
        gaps = (later - earlier for earlier, later in pairwise(moments))
        longest = max(longest, *gaps, 0.0)
    return longest
