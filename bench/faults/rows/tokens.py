"""The row of tokens that are revoked while programs read by them."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from bench.faults.row import row
from bench.faults.scene import POLL, Scene
from realtime.codes import SIGNED_OUT
from servers import UvicornServer
from tokens.models import Token
from tokens.services import Made, Wish, make, revoke

AT_ONCE = 1.0  # seconds until the sockets of a revoked token are closed, told or not
SLACK = 0.5  # seconds that this process may take to see it, beside a crowd
EACH = 2  # tokens that are revoked while Redis works, while it is dead, and never


class Listener:
    """A program: it follows an organization's log by a token, and keeps when what came."""

    def __init__(self, server: UvicornServer, slug: str, made: Made) -> None:
        self.token, self.frames, self.code, self.ended = made.token, list[float](), None, 0.0
        self._wire = connect(
            f"{server.ws_url}/ws/orgs/{slug}/notifications/",
            additional_headers={"Authorization": f"Bearer {made.text}"},
        )
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        try:
            while self._wire.recv():
                self.frames.append(time.monotonic())
        except ConnectionClosed:
            self.code, self.ended = self._wire.close_code, time.monotonic()

    def leave(self) -> None:
        self._wire.close()
        self._thread.join()


@row(
    fault="tokens revoked while sockets opened by them receive; then the same with Redis dead",
    expected="closed with 4401 within a second in every process, nothing after; all others go on",
    naive="not tried: it has no tokens, and asks for rights once, when a socket connects",
    hurts_naive=False,
    sockets=(60, 30),
)
def token_revoked(scene: Scene) -> None:
    if scene.is_naive:
        with scene.writing():
            scene.wait(2)
        scene.finish()
        return
    with _programs(scene) as listeners, scene.writing_unhindered():
        told, untold, others = (set(listeners[start::3]) for start in range(3))
        scene.wait(2)
        first = _revoke(scene, told, "told")
        scene.stage.redis.kill()
        scene.wait(1)
        second = _revoke(scene, untold, "with Redis dead")
        scene.stage.redis.start()
        scene.wait(POLL)
        heard = time.monotonic()
        scene.wait_until(
            lambda: all(each.frames[-1] > heard for each in others), "the others go on receiving", POLL + 1
        )
        scene.expect(all(each.code is None for each in others), "nobody else is closed")
    scene.note(f"closed after at most {first:.1f} s; with Redis dead {second:.1f} s")


@contextmanager
def _programs(scene: Scene) -> Iterator[list[Listener]]:
    """One on each server for each token."""
    actor, organization = scene.world.actor, scene.world.organizations[0]
    with ExitStack() as stack:
        listeners = []
        made = [make(actor, Wish(f"program {n}", ["read"], 1, organization.pk)) for n in range(3 * EACH)]
        for server in scene.servers:
            for each in made:
                listeners.append(Listener(server, organization.slug, each))
                stack.callback(listeners[-1].leave)
        yield listeners


def _revoke(scene: Scene, listeners: set[Listener], how: str) -> float:
    """Revoke their tokens. Returns after how many seconds the last socket was closed."""
    began = time.monotonic()
    revoke(Token.objects.filter(pk__in=[each.token.pk for each in listeners]))
    limit = AT_ONCE + SLACK
    scene.wait_until(lambda: all(each.code for each in listeners), f"closed ({how})", limit)
    codes = {each.code for each in listeners}
    scene.expect(codes == {SIGNED_OUT}, f"closed with {SIGNED_OUT}, {how} (closed with {codes})")
    scene.wait(1)
    late = [each for each in listeners if each.ended and each.frames and each.frames[-1] > each.ended]
    scene.expect(not late, f"nothing comes after, {how} ({len(late)} heard more)")
    return max((each.ended for each in listeners), default=began) - began
