"""The row of rights that end while sockets are open."""

import time
from collections.abc import Callable

from base.transactions import write_transaction
from bench.faults.pages import submit
from bench.faults.row import row
from bench.faults.scene import POLL, Scene
from bench.faults.world import PASSWORD, Person
from events.models import LogHead
from membership.services import remove_member
from orgs.models import Membership

AT_ONCE = 1.0  # seconds until the sockets are closed
WITHOUT_HINT = 60.0


@row(
    fault="member removed, logout, password change; then the same with Redis dead, so that the hint is lost",
    expected="closed within 1 s; within 60 s if the hint was lost (short form: only the removal, which the poll finds)",
    naive="a socket asks for rights once, when it connects: it stays open and shows what its user must not see",
)
def rights_end(scene: Scene) -> None:
    """People 0, 3 and 6 are members of the first organization only, people 1, 4 and 7 of the second."""
    first, second = scene.world.people[0::3], scene.world.people[1::3]
    with scene.writing_unhindered():
        scene.wait(2)
        worst = max(_end(scene, deed, who, AT_ONCE) for deed, who in zip(DEEDS, first, strict=False))
        scene.stage.redis.kill()
        deeds = DEEDS if scene.is_full else DEEDS[:1]
        began = time.monotonic()
        for deed, who in zip(deeds, second, strict=False):
            deed(scene, who)
        concerned = second[: len(deeds)]
        scene.wait_until(
            lambda: all(_is_closed(scene, who) for who in concerned), "closed without a hint", WITHOUT_HINT
        )
        lost = time.monotonic() - began
        scene.stage.redis.start()
        scene.wait(POLL)
    scene.note(f"closed after at most {worst:.1f} s; with Redis dead {lost:.1f} s")


def _end(scene: Scene, deed: Callable[[Scene, Person], None], who: Person, limit: float) -> float:
    deed(scene, who)
    what = f"closed at once ({deed.__name__.replace('_', ' ')})"
    return scene.wait_until(lambda: _is_closed(scene, who), what, limit)


def _is_closed(scene: Scene, who: Person) -> bool:
    """All sockets of the person; of somebody who was removed, only those of the organization end."""
    name = who.user.username
    sockets = [socket for socket in scene.crowd.state() if socket.name.split()[0] == name]
    if name in scene.removed:
        sockets = [socket for socket in sockets if socket.name.split()[1] != "me"]
    return not any(socket.connected for socket in sockets)


def remove(scene: Scene, who: Person) -> None:
    organization = who.organizations[0]
    owner = Membership.objects.get(user=scene.world.actor, organization=organization)
    with write_transaction():
        remove_member(by=owner, user_id=who.user.pk)
        # Exact: writers wait for the log's head, which we hold. The newest event is the removal, which they do not see.
        position = LogHead.objects.get(pk=organization.pk).position - 1
    scene.removed[who.user.username] = (organization.pk, position)


def sign_out(scene: Scene, who: Person) -> None:
    scene.expect(
        submit(scene.servers[0], "/accounts/logout/", scene.world.cookies[who]) == 302, "signing out works"
    )


def change_password(scene: Scene, who: Person) -> None:
    words = {
        "old_password": PASSWORD,
        "new_password1": "longer-4711-bell",
        "new_password2": "longer-4711-bell",
    }
    status = submit(scene.servers[1], "/accounts/password_change/", who.cookie(), **words)
    scene.expect(status == 302, f"the password changes (status {status})")


DEEDS = (remove, sign_out, change_password)
