"""Rows in which those who follow the logs are killed, stand still, or lose what they stand on. Beside the servers,
which follow too, two processes follow with one follower more, the tally."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle

from bench.faults import tally
from bench.faults.indexed import has_taken_all
from bench.faults.mailing import Readers, with_mail
from bench.faults.quick_mail_app import STEPS
from bench.faults.row import row
from bench.faults.rows.database import until_database_answers
from bench.faults.rows.histories import set_back
from bench.faults.scene import GRACE, Scene
from bench.faults.stage import QUICK_MAIL
from followers.leases import SECONDS as LEASE
from servers import UvicornServer

NAIVE = "it has nobody who follows: what is done after a commit is done by who committed, or by nobody"
EXPECTED = "each event is taken once, in order; the index says what the log says"


class FollowProcess(UvicornServer):
    """`manage.py follow`."""

    name = "follow"
    started = 0

    def command(self) -> list[str]:
        return [sys.executable, "manage.py", "follow"]

    def is_ready(self) -> bool:
        return self.log.count("Following the logs") > self.started

    def again(self) -> None:
        """After a kill."""
        self.started = self.log.count("Following the logs")
        self.start()

    def again_until(self, step: str) -> None:
        """After a kill, to be killed again right after a step of what it does."""
        self.environment = {**self.environment, "DIE_AT": step}
        self.again()


@contextmanager
def following(scene: Scene) -> Iterator[list[FollowProcess]]:
    """Two processes. In the end the tally is compared with the log."""
    org_ids = [organization.pk for organization in scene.world.organizations]
    tally.begin(org_ids)
    own = {"DJANGO_SETTINGS_MODULE": "bench.faults.with_tally"}
    environment = {**scene.environment, **scene.stage.of_servers, **own}
    with ExitStack() as stack:
        processes = []
        for number in range(2):
            directory = scene.directory / f"follow-{number}"
            directory.mkdir()
            processes.append(stack.enter_context(FollowProcess(directory, environment)))
        yield processes
        scene.wait_until(lambda: has_taken_all(tally.Tally.name, org_ids), "the tally is complete", GRACE)
        log, taken = scene.world.log(), tally.taken(org_ids)
        scene.expect(taken == log, "each event is taken once and in order")
        scene.note(f"{sum(map(len, taken.values()))} events taken")
        tracebacks = sum(process.log.count("Traceback (most recent call last)") for process in processes)
        scene.expect(not tracebacks, f"no traceback ({tracebacks} in the followers' logs)")


@row(
    fault="those who follow the logs and send mails killed in the middle of a batch, and right after each step from an "
    "event to a recorded mail, one after the other",
    expected=f"{EXPECTED}; another goes on within the lease; every mail comes, at most that one again which was being "
    "sent, under the same name",
    naive=NAIVE,
    hurts_naive=False,
    sockets=(20, 10),
    set_up=with_mail,
    system=QUICK_MAIL,
)
def follower_killed(scene: Scene) -> None:
    if scene.is_naive:
        return
    readers, steps = Readers(scene), cycle(STEPS)
    turns = scene.times(12, 4)
    with following(scene) as processes, scene.writing_unhindered():
        for turn in range(turns):
            scene.wait(scene.seconds / 8)
            processes[turn % 2].kill()
            processes[turn % 2].again_until(next(steps))
        for process in processes:
            process.kill()
            process.again_until("")
    # Each turn kills a process, or its step does, and each of the two in the end.
    readers.expect_told(repeats=2 * turns + 2)


@row(
    fault="one who follows the logs stands still for longer than its lease, and goes on",
    expected=f"{EXPECTED}; what it was doing is taken back",
    naive=NAIVE,
    hurts_naive=False,
    sockets=(20, 10),
)
def follower_frozen(scene: Scene) -> None:
    if scene.is_naive:
        return
    with following(scene) as processes, scene.writing_unhindered():
        for turn in range(scene.times(4, 2)):
            scene.wait(scene.seconds / 8)
            processes[turn % 2].freeze()
            scene.wait(LEASE + 2)
            processes[turn % 2].thaw()


@row(
    fault="Redis killed, PostgreSQL killed and restarted, while the logs are followed",
    expected=EXPECTED,
    naive=NAIVE,
    hurts_naive=False,
    sockets=(20, 10),
)
def follower_without_databases(scene: Scene) -> None:
    assert scene.stage.postgres, "a row for a PostgreSQL of our own"
    if scene.is_naive:
        return
    with following(scene):
        with scene.writing():
            scene.wait(scene.seconds / 4)
            scene.stage.redis.kill()
            scene.wait(scene.seconds / 4)
            scene.stage.redis.start()
            scene.stage.postgres.kill()
            scene.wait(scene.seconds / 4)
            scene.stage.start_postgres()
            scene.wait(scene.seconds / 4)
        until_database_answers()
        scene.finish()


@row(
    fault="a backup restored while the logs are followed, with `pg_restore --clean --single-transaction`",
    expected=EXPECTED,
    naive=NAIVE,
    hurts_naive=False,
    sockets=(20, 10),
)
def follower_set_back(scene: Scene) -> None:
    if scene.is_naive:
        return
    with following(scene):
        set_back(scene)
