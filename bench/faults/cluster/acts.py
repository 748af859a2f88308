"""What rows are made of: each is given the cluster and a way to wait."""

from collections.abc import Callable

from bench.faults.cluster.trial import ClusterRow
from servers.cluster.cluster import Cluster
from servers.cluster.machine import Machine

Wait = Callable[[float], None]
OFF = 12.0  # seconds that a machine has no power
CUT = 10.0  # seconds that a link is down
RESTART = 20.0  # seconds in which a supervisor has started something again
SERVES = 90.0  # seconds in which a host serves again

ROWS: list[ClusterRow] = []


def row(fault: str) -> Callable[[Callable[[Cluster, Wait], None]], ClusterRow]:
    """The function below it is what happens; its name is the row's."""

    def add(act: Callable[[Cluster, Wait], None]) -> ClusterRow:
        ROWS.append(ClusterRow(act.__name__.replace("_", "-"), fault, act))
        return ROWS[-1]

    return add


def primary(cluster: Cluster) -> Machine:
    found = cluster.database.primary()
    assert found, "a primary"
    return found


def loses_power(machine: Machine, wait: Wait) -> None:
    machine.power_off()
    wait(OFF)
    machine.boot()


def until(condition: Callable[[], bool], wait: Wait, limit: float) -> None:
    for _ in range(int(limit / 0.2)):
        if condition():
            return
        wait(0.2)
