"""The load client as the measuring process sees it: a process to give orders to."""

import multiprocessing
from collections.abc import Mapping
from typing import Any, Self

from bench.client import Dial, Opened, serve
from bench.heard import Heard

FRAME_AT_MOST = 1000  # bytes, with what a system puts around it


class Crowd:
    """Sockets of one system. `wait` is in two halves, so that events can be sent between them."""

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._orders, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.size = 0
        return self

    def __exit__(self, *_: object) -> None:
        self._orders.close()
        self._process.join()

    def open(self, dial: Dial) -> Opened:
        self.size = len(dial.requests)
        return self._ask("open", dial)

    def close(self) -> None:
        self._ask("close")

    def received(self) -> tuple[int, int]:
        """Text frames of the sockets that are open, and bytes of all, beside recordings."""
        return self._ask("received")

    def start(self, events: int) -> None:
        self._ask("start", events * self.size * FRAME_AT_MOST)

    def expect(self, mark: str, quiet: float) -> None:
        """Begin to wait for the frame with this mark, or for silence."""
        self._orders.send(("wait", (mark.encode(), quiet)))

    def waited(self) -> tuple[int, float]:
        """How many sockets have not had it, and the moment of the last read."""
        return self._answer()

    def finish(self, sent: Mapping[int, float]) -> tuple[Heard, float]:
        return self._ask("finish", sent)

    def _ask(self, name: str, *arguments: Any) -> Any:
        self._orders.send((name, arguments))
        return self._answer()

    def _answer(self) -> Any:
        answer = self._orders.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer
