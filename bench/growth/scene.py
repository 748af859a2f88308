"""PostgreSQL, Redis, people and organizations of several sizes; servers on them, and whose processor time it was. Needs
Django to be set up."""

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlencode

import redis
from django.conf import settings

from bench import handshake
from bench.client import Dial
from bench.frames import mark
from bench.ground import Ground
from bench.growth.pace import Paces
from bench.processes import all_seconds
from bench.scribe import FILLING, Scribe
from bench.systems.product import Carillon
from bench.systems.setting import Setting
from bench.visits import Visitors, request
from bench.world import Place, cookies, organization, people
from orgs.models import User
from servers import UvicornServer

ENVIRONMENT = {"LOG_LEVEL": "WARNING", "COMMANDS_PER_MINUTE": "1000000", "FOLLOW": "0"}
TOKEN = "t" * 32


@dataclass
class Spent:
    """Seconds of processor time, and by the clock."""

    workers: float = 0.0
    postgres: float = 0.0
    redis: float = 0.0
    clock: float = 0.0


@dataclass
class Scene:
    own: Ground
    setting: Setting
    people: list[User]
    paces: Paces = field(default_factory=Paces)
    writers: dict[str, str] = field(default_factory=dict)  # cookies, by slug
    members: dict[str, int] = field(default_factory=dict)  # how many, by slug

    @contextmanager
    def served(self, workers: int = 1, **environment: str) -> Iterator[UvicornServer]:
        """Start the product for as long as it is wanted."""
        given = self.own.environment | ENVIRONMENT | environment
        with UvicornServer(self.own.directory, given, workers) as server:
            yield server

    @contextmanager
    def spent(self, server: UvicornServer) -> Iterator[Spent]:
        """Say at the end who spent what meanwhile, at the usual pace."""
        pids, began = (server.pid, self.own.postgres.pid, self.own.redis.pid), time.monotonic()
        found = Spent()
        with self.paces.corrected() as corrected:
            before = [all_seconds(pid) for pid in pids]
            yield found
            after = [all_seconds(pid) for pid in pids]
            found.clock = time.monotonic() - began
        spent = ((b - a) * corrected[0] for a, b in zip(before, after, strict=True))
        found.workers, found.postgres, found.redis = spent

    def place(self, slug: str, members: int) -> Place:
        """Found an organization of the first so many people."""
        place = organization(slug, self.people[:members])
        self.setting.places["carillon", members] = place
        self.members[slug] = members
        (self.writers[slug],) = cookies([place.actor])
        return place

    def form(self, port: int, place: Place, number: int) -> bytes:
        """A comment as a browser sends it."""
        cookie = f"{self.writers[place.slug]}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        words = {
            "csrfmiddlewaretoken": TOKEN,
            "text": f"{mark(number)} {FILLING}",
            "attempt": str(uuid.uuid4()),
        }
        return request(port, f"/orgs/{place.slug}/tasks/1/comment/", cookie, form=urlencode(words))

    def dial(self, port: int, places: list[Place], replayed: int = 0) -> Dial:
        """A socket of an organization for each time that it is named, of its members in turn."""
        cursors = {place.slug: place.cursor_behind(replayed) for place in set(places)}
        requests = []
        for number, place in enumerate(places):
            cookie = self.setting.cookies[number % self.members[place.slug]]
            path = f"/ws/orgs/{place.slug}/notifications/?after={cursors[place.slug]}"
            requests.append(handshake.request(port, path, f"Cookie: {cookie}"))
        return Dial(port, requests, texts=1 + replayed, window=20)

    def post(self, port: int, places: list[Place], count: int) -> None:
        """Send so many comments to the organizations in turn, each when the last one's answer has come."""
        turns = cycle(places)
        with closing(Visitors(port, 1)) as one:
            one.visit([lambda: self.form(port, next(turns), 0)], least=count)


class Served(Carillon):
    """The product's system for `bench.measures`, on a server that stands already."""

    def __init__(self, setting: Setting, server: UvicornServer) -> None:
        super().__init__(setting)
        self.server = server


@contextmanager
def scene_on(own: Ground, size: int) -> Iterator[Scene]:
    """So many people, signed in, in no organization."""
    users = people(size)
    environment = own.environment | ENVIRONMENT
    with asyncio.Runner() as runner, redis.Redis.from_url(own.redis.url) as connection:
        setting = Setting(environment, own.directory, Scribe(), cookies(users), {}, runner, connection)
        yield Scene(own, setting, users)
