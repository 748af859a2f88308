"""A row of the matrix: a fault, what is expected of us, and what becomes of the usual way."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.faults.evidence import Findings
from bench.faults.scene import FULL, Scene
from bench.faults.stage import CARILLON, NAIVE, Stage, System


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    fault: str
    expected: str
    naive: str  # what it does to the usual way, or why nothing
    hurts_naive: bool
    act: Callable[[Scene], None]
    system: System = CARILLON
    sockets: tuple[int, int] = (100, 100)  # in full and in short form
    needs_postgres: bool = False  # one of our own, to kill

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
        with Scene(stage, system, seconds, sockets or usual, tick) as scene:
            try:
                self.act(scene)
            finally:
                stage.mend()
            return scene.found

    @property
    def systems(self) -> tuple[System, System]:
        return self.system, NAIVE


def row(
    *,
    fault: str,
    expected: str,
    naive: str,
    hurts_naive: bool = True,
    system: System = CARILLON,
    sockets: tuple[int, int] = (100, 100),
    needs_postgres: bool = False,
) -> Callable[[Callable[[Scene], None]], Row]:
    """The function below it is the row's act; its name is the row's."""

    def make(act: Callable[[Scene], None]) -> Row:
        return Row(
            name=act.__name__.replace("_", "-"),
            fault=fault,
            expected=expected,
            naive=naive,
            hurts_naive=hurts_naive,
            act=act,
            system=system,
            sockets=sockets,
            needs_postgres=needs_postgres,
        )

    return make
