"""All rows, in the order in which they are tried."""

from bench.faults.cluster import machines, operating, processes
from bench.faults.cluster.acts import ROWS

__all__ = ["ROWS", "machines", "operating", "processes"]
