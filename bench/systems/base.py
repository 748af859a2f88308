"""What measuring needs of a system."""

from collections.abc import Sequence
from typing import Any, ClassVar

from bench.client import Dial
from bench.processes import MEASURED_CORE, pin
from bench.scribe import Event
from bench.systems.setting import Setting
from servers import ServerProcess


class OnItsCore:
    """A server process with a core to itself."""

    def popen_options(self) -> dict[str, Any]:
        return super().popen_options() | {"preexec_fn": lambda: pin(0, MEASURED_CORE)}


class System:
    """A server, and how events get into it. `prepare` may take its time, `publish` is on the clock."""

    key: ClassVar[str]
    label: ClassVar[str]
    checks_sessions: ClassVar[bool] = False  # and replays the newest events
    server: ServerProcess

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def start(self) -> None:
        """A fresh server process."""
        raise NotImplementedError

    def stop(self) -> None:
        self.server.stop()

    def dial(self, size: int, sockets: int, window: int) -> Dial:
        """How the first `sockets` people of the organization of `size` people connect."""
        raise NotImplementedError

    def prepare(self, size: int, numbers: Sequence[int]) -> list[Event]:
        """Events in this system's own organization of `size` people. Each system has them written and committed, so
        that each is just as cold when its event comes."""
        return self.setting.scribe.write(self.setting.places[self.key, size], numbers)

    def publish(self, event: Event) -> None:
        raise NotImplementedError
