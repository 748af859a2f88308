"""Rows of what is large, and of those who ask for it again and again."""

from contextlib import ExitStack

from bench.faults.pages import Visitor
from bench.faults.replays import Catcher, Knocker
from bench.faults.row import row
from bench.faults.scene import Scene
from bench.processes import resident_bytes
from events.cursors import Cursor
from events.models import LogHead

MIB = 2**20
LETTERS, WORD = 20_000, "💥"  # of a comment, four bytes each: 80 KB
TOGETHER = 50  # comments in one transaction
TWINS, LOOPS = 10, 8
ANSWER, GROWTH = 1.1, 128  # MiB: of one answer, of the server
QUICK = 1.0  # seconds


@row(
    fault="500 comments of 80 KB (short form: 100); ten twins at once ask for all of them, and eight sockets of the"
    " same user for ever again",
    expected="answers of 1 MiB that lead to the head; a second user's pages and handshakes within 1 s; memory flat",
    naive="not hurt: whoever comes back is shown the newest ten, whatever was missed, so nobody can ask its sockets for"
    " much. The twins and the pages are the product's",
    hurts_naive=False,
    sockets=(6, 6),
)
def heavy_replay(scene: Scene) -> None:
    greedy, other = scene.world.people[:2]
    server, (acme, globex) = scene.servers[0], scene.world.organizations
    head = LogHead.objects.get(organization=acme)
    after, count = str(Cursor.at(head)), scene.times(500, 100)
    for _ in range(count // TOGETHER):
        scene.burst(TOGETHER, LETTERS, WORD)
    before = resident_bytes(server.pid)
    cookie, path = scene.world.cookies[greedy], f"orgs/{acme.slug}/notifications/"
    theirs = scene.world.cookies[other]
    catchers = [Catcher(server, f"/api/{path}", cookie, after) for _ in range(TWINS)]
    with ExitStack() as stack:
        visitor = stack.enter_context(Visitor([server], f"/orgs/{globex.slug}/tasks/", theirs))
        knock = Knocker(server, f"/ws/orgs/{globex.slug}/notifications/", theirs, pause=0.2)
        stack.enter_context(knock)
        for _ in range(LOOPS):
            stack.enter_context(Knocker(server, f"/ws/{path}", cookie, after))
        for catcher in catchers:
            catcher.start()
        highest, waited = before, 0.0
        while waited < scene.seconds or any(catcher.is_alive() for catcher in catchers):
            scene.wait(0.2)
            waited += 0.2
            highest = max(highest, resident_bytes(server.pid))
    scene.finish()
    _judge(scene, visitor, knock)
    whole = list(range(head.position + 1, head.position + count + 1))
    scene.expect(all(each.positions == whole for each in catchers), "each twin leads to the head, in order")
    largest, grown = max(each.largest for each in catchers) / MIB, (highest - before) / MIB
    scene.expect(largest <= ANSWER, f"no answer is larger than 1 MiB (one was {largest:.1f} MiB)")
    scene.expect(grown <= GROWTH, f"memory grows by {GROWTH} MiB at most (grew by {grown:.0f} MiB)")
    scene.note(f"largest answer {largest:.1f} MiB; memory grew by {grown:.0f} MiB")


def _judge(scene: Scene, visitor: Visitor, knock: Knocker) -> None:
    statuses = {answer.status for answer in visitor.answers}
    page = max(answer.ended - answer.began for answer in visitor.answers)
    scene.expect(statuses == {200}, f"another's pages answer (statuses {sorted(statuses)})")
    scene.expect(page <= QUICK, f"another's pages take {QUICK:g} s at most (one took {page:.1f} s)")
    shake = max(knock.waits, default=float("inf"))
    scene.expect(shake <= QUICK, f"another's handshakes take {QUICK:g} s at most (one took {shake:.1f} s)")
    scene.note(
        f"another's slowest page {page:.2f} s of {len(visitor.answers)}, handshake {shake:.2f} s of"
        f" {len(knock.waits)}"
    )
