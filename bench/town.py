"""An organization that has work for every page: people who are signed in, tasks, and inboxes full of them. Needs Django
to be set up."""

import itertools
import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from bench.ground import Ground
from bench.scribe import FILLING
from bench.targets import BARE_VIEW, INBOX, TASK, TASKS
from bench.visits import Ask, request
from bench.world import cookies, organization, people
from servers import UvicornServer
from tasks.commands import CommentOnTask, CreateTask
from tasks.services import execute

MEMBERS = 10  # beside the one who wrote what they read
OPEN_TASKS = 60  # more than a page shows
PEOPLE = 8  # of the members: who ask for pages

SLUG = "town"
PAGES = {
    INBOX: "/inbox/",
    TASKS: f"/orgs/{SLUG}/tasks/",
    TASK: f"/orgs/{SLUG}/tasks/1/",
    "board": f"/orgs/{SLUG}/board/",
    "history": f"/orgs/{SLUG}/history/",
    "`/healthz`": "/healthz",
    "bare view, same middleware": "/bare/",
    BARE_VIEW: "/bare/alone/",
}
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "bench.bare.settings",
    "LOG_LEVEL": "WARNING",
    "COMMANDS_PER_MINUTE": "1000000",
}


class Town:
    def __init__(self, own: Ground) -> None:
        self._own = own
        members = people(MEMBERS, prefix="townsman")
        place = organization(SLUG, members)
        self.cookies = cookies(members)[:PEOPLE]
        self.tasks = itertools.cycle(range(2, OPEN_TASKS + 1))  # for comments: the first stays as it is
        for number in range(2, OPEN_TASKS + 1):
            (task,) = execute(
                CreateTask(organization_id=place.org_id, title=f"Bell {number} wants oil"), actor=place.actor
            )
            execute(CommentOnTask(task_id=task.stream_id, text=FILLING), actor=place.actor)

    @contextmanager
    def served(self, workers: int) -> Iterator[UvicornServer]:
        """`manage.py serve`, just started."""
        environment = self._own.environment | ENVIRONMENT
        with UvicornServer(self._own.directory, environment, workers) as server:
            yield server

    def reading(self, port: int, path: str) -> list[Ask]:
        """Everybody asks for the same address, each as themselves."""
        requests = [request(port, path, cookie) for cookie in self.cookies]
        return [lambda one=one: one for one in requests]

    def commenting(self, port: int, persons: int) -> list[Ask]:
        """Each writes comments, to one task after the other."""
        return [lambda cookie=cookie: self._comment(port, cookie) for cookie in self.cookies[:persons]]

    def _comment(self, port: int, cookie: str) -> bytes:
        token = secrets.token_hex(16)
        form = urlencode({"csrfmiddlewaretoken": token} | self._words())
        return request(port, self._form(), f"{cookie}; {settings.CSRF_COOKIE_NAME}={token}", form=form)

    def _form(self) -> str:
        return f"/orgs/{SLUG}/tasks/{next(self.tasks)}/comment/"

    def _words(self) -> dict[str, str]:
        return {"text": FILLING, "attempt": str(uuid.uuid4())}

    def client(self) -> Client:
        """One of the readers, in this process."""
        client = Client(SERVER_NAME="127.0.0.1")
        client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[0].partition("=")[2]
        return client

    def in_this_process(self, what: str) -> Callable[[], Any]:
        """One request of a kind, for `python -m bench.parts`."""
        client = self.client()
        if what == "comment":
            return lambda: client.post(self._form(), self._words())
        path = PAGES[{"inbox": INBOX, "tasks": TASKS, "task": TASK}[what]]
        return lambda: client.get(path)
