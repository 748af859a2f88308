"""A row of the matrix: a fault, what is expected of us, and what becomes of the usual way."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from bench.faults.evidence import Findings
from bench.faults.scene import FULL, Scene, staged
from bench.faults.stage import CARILLON, NAIVE, Stage, System


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    fault: str
    expected: str
    naive: str  # what it does to the usual way, or why nothing
    act: Callable[[Scene], None]
    hurts_naive: bool = True
    system: System = CARILLON
    set_up: Callable[[Stage], AbstractContextManager[Stage]] = nullcontext
    sockets: tuple[int, int] = (100, 100)  # in full and in short form
    descriptors: int | None = None  # that each server may have
    layers: tuple[str, ...] = ("redis", "notify")  # on which it means something

    def run(
        self,
        stage: Stage,
        system: System,
        seconds: float,
        tick: Callable[[], None] = lambda: None,
        sockets: int | None = None,
    ) -> Findings:
        """`seconds` decides between the full and the short form."""
        usual = self.sockets[0 if seconds >= FULL else 1]
        stage = replace(stage, descriptors=self.descriptors)
        with self.set_up(stage) as stage, staged(stage, system, seconds, sockets or usual, tick) as scene:
            try:
                self.act(scene)
            finally:
                stage.mend()
            return scene.found

    @property
    def systems(self) -> tuple[System, System]:
        return self.system, NAIVE


def row(**said: Any) -> Callable[[Callable[[Scene], None]], Row]:
    """The function below it is the row's act; its name is the row's."""
    return lambda act: Row(name=act.__name__.replace("_", "-"), act=act, **said)
