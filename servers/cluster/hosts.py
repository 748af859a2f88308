"""The product on its hosts: `serve` on each, `follow` on some."""

import subprocess
import sys
from collections.abc import Mapping

from servers.cluster.machine import ROOT, Machine, Unit

PORT = 8000


def add_product(machine: Machine, environment: Mapping[str, str], workers: int, *, follows: bool) -> None:
    own = dict(environment)
    serve = ["serve", "--host", machine.address, "--port", str(PORT), "--workers", str(workers)]
    machine.units.append(_unit("serve", serve, own | {"FOLLOW": "0"}))
    if follows:
        machine.units.append(_unit("follow", ["follow"], own))


def _unit(name: str, command: list[str], environment: dict[str, str]) -> Unit:
    return Unit(name, [sys.executable, "manage.py", *command], environment, user=None, directory=str(ROOT))


def manage(environment: Mapping[str, str], *command: str) -> None:
    """Run a command of the product from outside the cluster. Raises RuntimeError with what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-2000:]}")


def serves(machine: Machine) -> bool:
    return machine.status(PORT, "/healthz") == 200
