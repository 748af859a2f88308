"""Rows in which the mail server is away or hangs, and in which clocks change."""

import datetime as dt
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from bench.faults.mailing import Readers, server_of, with_mail
from bench.faults.pages import Visitor
from bench.faults.row import row
from bench.faults.scene import Scene
from bench.faults.stage import QUICK_MAIL, Stage
from outbound.models import Delivery
from preferences.kinds import Value
from preferences.models import Schedule

NAIVE = "it sends nothing: what mails after a commit loses them when the server is away, what mails before it waits"
SOON = 1.0  # seconds that another's page may take
GATHERED = 8.0  # seconds after which all that was written has been gathered
SHIFT = 3  # seconds by which the zones of `clock-change` change


@row(
    fault="the mail server is away, and comes back",
    expected="writes and pages wait for nothing; every mail comes once, no attempt is used up, told once in the log",
    naive=NAIVE,
    hurts_naive=False,
    sockets=(20, 10),
    set_up=with_mail,
    system=QUICK_MAIL,
)
def mail_server_away(scene: Scene) -> None:
    if scene.is_naive:
        return
    server, readers = server_of(scene), Readers(scene)
    _write_while(scene, server.stop, server.start)
    readers.expect_told()
    tried = Delivery.objects.filter(user__in=readers.user_ids, attempts__gt=1).count()
    scene.expect(not tried, f"no attempt is used up ({tried} mails were tried again)")
    told = max(each.log.count("nothing is sent for now") for each in scene.servers)
    scene.expect(told <= 1, f"each server says it once (one {told} times)")


@row(
    fault="the mail server takes connections and says nothing, and goes on",
    expected="writes and pages wait for nothing; every mail comes",
    naive=NAIVE,
    hurts_naive=False,
    sockets=(20, 10),
    set_up=with_mail,
    system=QUICK_MAIL,
)
def mail_server_slow(scene: Scene) -> None:
    if scene.is_naive:
        return
    server, readers = server_of(scene), Readers(scene)
    _write_while(scene, server.hangs, server.goes_on)
    # It may have taken what it had no more answer for: that comes again, under its name.
    readers.expect_told(repeats=len(scene.servers))


@contextmanager
def with_zones(stage: Stage) -> Iterator[Stage]:
    """Beside mail, a place for zones of the row's own."""
    with tempfile.TemporaryDirectory() as name, with_mail(stage) as stage:
        zones = {"PYTHONTZPATH": f"{name}:/usr/share/zoneinfo:/usr/lib/zoneinfo"}
        yield replace(stage, zones=Path(name), of_servers={**stage.of_servers, **zones})


@row(
    fault="the clock of one reader's zone skips the moment of a digest, another's has it twice",
    expected="each reader gets one digest, with everything",
    naive=NAIVE,
    hurts_naive=False,
    sockets=(20, 10),
    set_up=with_zones,
    system=QUICK_MAIL,
)
def clock_change(scene: Scene) -> None:
    if scene.is_naive:
        return
    assert scene.stage.zones
    readers, writing = Readers(scene, count=2, value=Value.DIGEST), scene.seconds / 4
    change = timezone.now().replace(microsecond=0) + dt.timedelta(seconds=writing + GATHERED)
    digest_at = (change + dt.timedelta(seconds=1)).time()
    # At `change` this clock goes from 12:00:00, say, to 12:00:03; the digest is due at 12:00:01, which never is.
    _write_zone(scene.stage.zones / "Skips", change, before=0, after=SHIFT)
    # This one goes back by three seconds; the digest is due within them, once before the change and once after it.
    _write_zone(scene.stage.zones / "Repeats", change, before=SHIFT, after=0)
    for user_id, zone in zip(readers.user_ids, ("Skips", "Repeats"), strict=True):
        Schedule.objects.create(pk=user_id, zone=zone, days="0123456", digest_at=digest_at)
    with scene.writing_unhindered():
        scene.wait(writing)
    over = change + dt.timedelta(seconds=2 * SHIFT)
    scene.wait_until(lambda: timezone.now() > over, "the clocks have changed", 60.0)
    readers.expect_told()
    for user_id in readers.user_ids:
        digests = Delivery.objects.filter(user=user_id, kind="digest").count()
        scene.expect(digests == 1, f"each gets one digest (one got {digests})")


def _write_zone(path: Path, change: dt.datetime, *, before: int, after: int) -> None:
    """Write a zone of one change (RFC 8536): seconds east of UTC before it and after it."""
    types = struct.pack(">lbb", before, 0, 0) + struct.pack(">lbb", after, 1, 4)
    names = b"ONE\0TWO\0"
    at = int(change.timestamp())

    def block(form: str) -> bytes:
        head = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 1, 2, len(names))
        return head + struct.pack(form, at) + b"\1" + types + names

    # The last line says nothing of what comes after the change: its type goes on.
    path.write_bytes(block(">l") + block(">q") + b"\n\n")


def _write_while(scene: Scene, begins: Callable[[], object], ends: Callable[[], object]) -> None:
    """Write without hindrance before, during and after what is wrong with the mail server, and expect that another's
    pages are served meanwhile."""
    person, organization = scene.world.people[1], scene.world.organizations[1]
    page = f"/orgs/{organization.slug}/tasks/"
    with scene.writing_unhindered(), Visitor(scene.servers, page, person.cookie()) as visitor:
        scene.wait(scene.seconds / 8)
        begins()
        scene.wait(scene.seconds / 2)
        ends()
        scene.wait(scene.seconds / 8)
    _expect_served(scene, visitor)


def _expect_served(scene: Scene, visitor: Visitor) -> None:
    answers = visitor.answers
    slowest = max(answer.ended - answer.began for answer in answers)
    failed = [answer.status for answer in answers if answer.status != 200]
    scene.expect(not failed, f"another's pages are served ({failed})")
    scene.expect(slowest <= SOON, f"another's pages come within {SOON:g} s (one took {slowest:.1f} s)")
    scene.note(f"{len(answers)} pages of another, the slowest {slowest:.2f} s")
