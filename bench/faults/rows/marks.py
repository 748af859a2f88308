"""The row of marks: what commits late with a smaller id was not seen."""

import re
import threading

from django.db import connection
from django.utils import timezone

from bench.faults.children import WriterProcess
from bench.faults.pages import Visitor, read, submit
from bench.faults.row import row
from bench.faults.scene import Scene
from bench.faults.world import Person
from events.models import TaskEvent
from inbox.models import UNREAD, Notification
from inbox.states import State

HELD = 3.0  # seconds that the late transaction is open
PAGE = 1.0  # seconds that somebody else's page may take meanwhile


@row(
    fault="what is shown is marked read after a transaction of another organization has committed with a smaller id",
    expected="what it commits is unread and shown; another's page under 1 s throughout",
    naive="it has no marks of its own; marked the usual way, by the newest id, what nobody has seen is read",
    sockets=(48, 48),
)
def late_commit_and_mark_all(scene: Scene) -> None:
    reader, other = scene.world.people[2::3]  # members of both organizations
    rounds = scene.times(8, 2)
    with (
        Visitor(scene.servers, "/inbox/", other.cookie()) as visitor,
        scene.new_writer() as holder,
        scene.writing_unhindered(rate=0),
    ):
        unread = [_mark_beside_a_late_commit(scene, holder, reader) for _ in range(rounds)]
    unseen = unread.count(False)
    scene.expect(not unseen, f"nothing is read that was not seen ({unseen} of {rounds} were)")
    slowest = max(answer.ended - answer.began for answer in visitor.answers)
    scene.expect(slowest < PAGE, f"another's page takes less than {PAGE:g} s (one took {slowest:.1f} s)")
    scene.note(f"{unseen} of {rounds} late events read unseen; slowest page of another {slowest:.2f} s")


def _mark_beside_a_late_commit(scene: Scene, holder: WriterProcess, reader: Person) -> bool:
    """Whether the event that commits late is unread, and shown as such."""
    before, answers = _newest_id(), []
    hold = {"do": "hold", "seconds": HELD, "target": 0}
    late = threading.Thread(target=lambda: answers.append(holder.ask(hold)))
    late.start()
    scene.wait_until(lambda: _newest_id() > before, "the late event has its id", HELD)
    newer = _event_id(scene, 1, scene.writer.burst(1, 5, target=1).positions[0])
    cookie = reader.cookie()
    seen = read(scene.servers[0], "/inbox/", cookie)
    late.join()
    _mark_all(scene, reader, cookie, seen, newer)
    event_id = _event_id(scene, 0, answers[0]["positions"][0])
    scene.expect(event_id < newer, "it has the smaller id")
    page = read(scene.servers[1], "/inbox/?show=unread", reader.cookie())
    is_shown = f'data-event="{event_id}"' in page.partition('id="inbox-rows"')[2]
    return is_shown and Notification.objects.filter(UNREAD, recipient=reader.user, event_id=event_id).exists()


def _mark_all(scene: Scene, reader: Person, cookie: str, page: str, newest: int) -> None:
    """What the page showed, by its own form; the usual way where there is none of ours: up to the newest id."""
    scene.expect(f'data-event="{newest}"' in page, "the newer event is shown")
    if scene.is_naive:
        mine = Notification.objects.filter(UNREAD, recipient=reader.user, event_id__lte=newest)
        mine.update(state=State.READ, read_at=timezone.now())
        return
    cursors = re.findall(r'name="seen" value="([^"]*)"', page)
    status = submit(scene.servers[0], "/inbox/mark/", cookie, act="read-all", seen=cursors[-1])
    scene.expect(status == 302, f"all can be marked (status {status})")


def _newest_id() -> int:
    """That was given to an event, committed or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM pg_sequences WHERE sequencename = 'events_taskevent_id_seq'")
        return int(cursor.fetchone()[0])


def _event_id(scene: Scene, which: int, position: int) -> int:
    events = TaskEvent.objects.filter(organization=scene.world.organizations[which], position=position)
    return events.values_list("pk", flat=True).get()
