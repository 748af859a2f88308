"""Who takes part in one run of a row: the servers, a crowd of sockets, writers, and the world that they know."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bench.faults.book import Written
from bench.faults.children import Crowd, WriterProcess
from bench.faults.client import Plan
from bench.faults.stage import Stage, System
from bench.faults.world import Person, World
from servers import UvicornServer


class Cast:
    """All have come when it is made, and all go when `stack` is closed."""

    def __init__(self, stage: Stage, system: System, sockets: int, stack: ExitStack) -> None:
        self.stage, self.system, self._stack = stage, system, stack
        self.directory = stage.directory / f"scene-{len(list(stage.directory.iterdir()))}"
        self.directory.mkdir()
        self.environment = dict(stage.environment) | {"DJANGO_SETTINGS_MODULE": system.settings}
        self.world = World(sockets)
        self.servers = [self._server(number) for number in range(system.servers)]
        with ThreadPoolExecutor() as together:
            list(together.map(lambda server: server.start(), self.servers))
        urls = [server.ws_url for server in self.servers]
        self.crowd = stack.enter_context(Crowd(system.clients or system.name, urls, self.directory))
        self.writers: list[WriterProcess] = []
        self.writer = self.new_writer()
        self.crowd.add(self.plans(sockets, self.world.people))

    @property
    def is_naive(self) -> bool:
        return self.system.name == "naive"

    def _server(self, number: int) -> UvicornServer:
        directory = self.directory / str(number)
        directory.mkdir()
        environment = self.environment | self.stage.of_servers
        server = self.system.server(directory, environment, descriptors=self.stage.descriptors)
        self._stack.push(server)
        return server

    def new_writer(self) -> WriterProcess:
        directory = self.directory / f"writer-{len(self.writers)}"
        directory.mkdir()
        writer = WriterProcess(self.world.targets, self.environment, directory)
        self.writers.append(self._stack.enter_context(writer))
        return writer

    def plans(self, count: int, people: list[Person]) -> list[Plan]:
        return self.world.plans(count, people, with_user_sockets=self.system.has_user_sockets)

    def writes(self) -> list[Written]:
        return [written for writer in self.writers for written in writer.writes()]

    def tracebacks(self) -> int:
        return sum(server.log.count("Traceback (most recent call last)") for server in self.servers)
