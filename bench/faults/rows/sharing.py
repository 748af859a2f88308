"""Rows of people who are signed in, and take what others need too."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from django.db import transaction

from bench.faults.meanwhile import Meanwhile
from bench.faults.pages import Answer, Visitor, submit
from bench.faults.row import row
from bench.faults.scene import Scene
from bench.world import cookies
from events.cursors import Cursor
from events.models import LogHead, TaskEvent
from membership.services import create_organization
from orgs.models import User
from servers import UvicornServer
from tasks.commands import CommentOnTask, CreateTask
from tasks.services import execute

SOON = 1.0  # seconds in which others have their pages
READERS = 11  # on each server: more than it has connections
RATE = 48_000  # bytes a second of each
COMMENTS, SIZE = 50, 20_000  # of the log that they read: 1 MB, for 20 s
PART = 4_800  # bytes at a time
SEGMENT = 1_400  # bytes
STAGGER = 0.3  # seconds between two of them
POSTS = 14  # at a time on each server: more than it has connections


@row(
    fault=f"{READERS} readers on each server that take a long answer at {RATE // 1000} KB a second",
    expected="another's pages come within a second throughout",
    naive="its sockets ask no database and show everything; its pages are 503 until one of the slow has read",
    sockets=(24, 24),
)
def slow_readers(scene: Scene) -> None:
    path, cookie = _long_answer(scene)
    with _others_page(scene) as visitor, scene.writing_unhindered(), ExitStack() as stack:
        for _ in range(READERS):
            for server in scene.servers:
                stack.enter_context(_SlowReader(server, path, cookie))
                scene.wait(STAGGER)  # it is to be slow, not to be many at once
        scene.wait(scene.seconds)
    _expect_served(scene, visitor.answers)


@row(
    fault="one organization's log is locked by somebody else, and its members write to it",
    expected="another organization's pages come within a second throughout, and its events",
    naive="each post waits with a connection in its hand; when all are taken, every page is a 503",
    sockets=(24, 24),
)
def one_log_locked(scene: Scene) -> None:
    locked, other = scene.world.organizations
    path = f"/orgs/{locked.slug}/tasks/1/comment/"
    with scene.writing_unhindered():
        scene.wait(1)
        with _others_page(scene) as visitor, _posting(scene, path) as statuses, transaction.atomic():
            LogHead.objects.select_for_update().get(pk=locked.pk)
            began = time.monotonic()
            scene.wait(scene.seconds * 2 / 3)
            ended = time.monotonic()
        scene.wait(1)
    _expect_served(scene, visitor.answers)
    shown = scene.seen.shown(other.pk, began, ended)
    scene.expect(shown > ended - began, f"the other organization's events are shown meanwhile ({shown} were)")
    scene.expect(set(statuses) <= {302, 503}, f"a post is done or refused (answered {dict(statuses)})")
    scene.note(f"{statuses[302]} posts done, {statuses[503]} refused")


def _long_answer(scene: Scene) -> tuple[str, str]:
    """The twin of an organization that no socket follows, and the cookie of its only member."""
    name = f"reader-{scene.world.organizations[0].slug}"
    user = User.objects.create(username=name, password="!")
    organization = create_organization(name="Initech", slug=name, owner=user)
    task = execute(CreateTask(organization_id=organization.pk, title="Read this"), actor=user)[0].stream_id
    for _ in range(COMMENTS):
        execute(CommentOnTask(task_id=task, text="word " * (SIZE // 5)), actor=user)
    first = TaskEvent.objects.get(organization=organization, position=1)
    return f"/api/orgs/{name}/notifications/?after={Cursor.at(first)}", cookies([user])[0]


@contextmanager
def _others_page(scene: Scene) -> Iterator[Visitor]:
    """Somebody of the second organization looks at its tasks."""
    person, organization = scene.world.people[1], scene.world.organizations[1]
    with Visitor(scene.servers, f"/orgs/{organization.slug}/tasks/", person.cookie()) as visitor:
        yield visitor


def _expect_served(scene: Scene, answers: list[Answer]) -> None:
    statuses = Counter(answer.status for answer in answers)
    slowest = max(answer.ended - answer.began for answer in answers)
    scene.expect(set(statuses) == {200}, f"another's pages are served (answered {dict(statuses)})")
    scene.expect(slowest <= SOON, f"another's pages come within {SOON:g} s (one took {slowest:.1f} s)")
    scene.note(f"{len(answers)} pages of another, the slowest {slowest:.2f} s")


@contextmanager
def _posting(scene: Scene, path: str) -> Iterator[Counter[int]]:
    """Several at a time on each server, again and again. The statuses of the answers, complete in the end."""
    cookie, statuses, over = cookies([scene.world.actor])[0], Counter[int](), threading.Event()

    def post(server: UvicornServer) -> None:
        while not over.is_set():
            statuses[submit(server, path, cookie, text="ding")] += 1

    with ThreadPoolExecutor(POSTS * len(scene.servers)) as pool:
        done = [pool.submit(post, server) for server in scene.servers for _ in range(POSTS)]
        try:
            yield statuses
        finally:
            over.set()
        for one in done:
            one.result()


class _SlowReader(Meanwhile):
    """Takes a page a little at a time, again and again."""

    def __init__(self, server: UvicornServer, path: str, cookie: str) -> None:
        super().__init__()
        self._port = server.port
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        )

    def run(self) -> None:
        while not self._leave.is_set():
            with socket.socket() as connection:
                connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_RCVBUF, PART
                )  # the kernel shall not read ahead
                # As over a network: loopback's own segments let the kernel take megabytes.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
                connection.connect(("127.0.0.1", self._port))
                connection.sendall(self._request.encode())
                while not self._leave.wait(PART / RATE) and connection.recv(PART):
                    pass
