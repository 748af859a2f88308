"""The two systems that stand on the product's database: Carillon itself, and the naive sockets."""

from collections.abc import Sequence
from typing import Any

from channels.layers import get_channel_layer
from channels_redis.core import RedisChannelLayer

from base.messages import LogAppended
from bench.client import Dial
from bench.handshake import request, stream_request
from bench.naive.announce import hints
from bench.naive.server import NaiveServer
from bench.scribe import Event
from bench.systems.base import OnItsCore, System
from bench.systems.setting import Setting
from bench.world import REPLAYED
from servers import UvicornServer


class CarillonServer(OnItsCore, UvicornServer):
    pass


class NaiveOnItsCore(OnItsCore, NaiveServer):
    pass


class OnTheDatabase(System):
    checks_sessions = True
    server_class: type[UvicornServer]

    def start(self) -> None:
        self.server = self.server_class(self.setting.directory, self.setting.environment).start()

    def dial(self, size: int, sockets: int, window: int) -> Dial:
        place = self.setting.places[self.key, size]
        path = f"/ws/orgs/{place.slug}/notifications/?after={place.cursor_behind(REPLAYED)}"
        requests = [
            request(self.server.port, path, f"Cookie: {cookie}") for cookie in self.setting.cookies[:sockets]
        ]
        return Dial(self.server.port, requests, texts=1 + REPLAYED, window=window)


class Carillon(OnTheDatabase):
    """Its own announcement, as its own commands make it, through its own channel layer."""

    key, label, server_class = "carillon", "Carillon", CarillonServer

    def publish(self, event: Event) -> None:
        self.setting.run(get_channel_layer().group_send(event.group, event.told))


class Streams(Carillon):
    """The same, to streams in place of sockets."""

    key, label = "streams", "Carillon, streams"

    def dial(self, size: int, sockets: int, window: int) -> Dial:
        place = self.setting.places[self.key, size]
        path = f"/api/v1/orgs/{place.slug}/stream?after={place.cursor_behind(REPLAYED)}"
        port = self.server.port
        requests = [stream_request(port, path, f"Cookie: {each}") for each in self.setting.cookies[:sockets]]
        return Dial(port, requests, texts=1 + REPLAYED, window=window)


class WholeCommand(Carillon):
    """The same server, but the command itself is on the clock: lock, decide, append, deliver, commit, broadcast."""

    label = "Carillon, whole command"

    def __init__(self, carillon: Carillon) -> None:
        super().__init__(carillon.setting)
        self.carillon = carillon

    @property
    def server(self) -> Any:
        return self.carillon.server

    def prepare(self, size: int, numbers: Sequence[int]) -> list[Event]:
        self.place = self.setting.places[self.key, size]
        nothing = LogAppended(0, 0, "", [])
        return [Event(number, "", nothing, {}, "") for number in numbers]

    def publish(self, event: Event) -> None:
        self.setting.scribe.tell(self.place, event.number)


class Naive(OnTheDatabase):
    key, label, server_class = "naive", "naive consumer", NaiveOnItsCore

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.layer = RedisChannelLayer(hosts=[setting.environment["REDIS_URL"]])

    def publish(self, event: Event) -> None:
        for hint in hints(event.message):
            self.setting.run(self.layer.group_send(event.group, hint))
